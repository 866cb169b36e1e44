"""Call Insights: why did the caller call, and should the client pay for it?"""

__version__ = "0.1.0"
