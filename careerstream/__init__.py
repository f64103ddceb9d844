"""The roof: settings, composition and the command line."""
