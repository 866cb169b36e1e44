"""The review app: server-rendered pages over the billing record."""
