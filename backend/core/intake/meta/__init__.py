"""Meta: its notifications, its Graph API, and leads whose notification was lost."""
