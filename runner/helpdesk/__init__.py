"""The helpdesk port and its adapters. A helpdesk is read back, never believed."""
