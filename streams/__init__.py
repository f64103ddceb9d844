"""The Faust app that folds events into profiles and rescores candidates."""
