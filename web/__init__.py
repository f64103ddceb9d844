"""The demo careers site and the dashboards, built on the HTTP API alone."""
