"""The double-entry book of a club."""
