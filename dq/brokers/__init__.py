"""What streams from and to brokers share: addresses, settings that stand in a file, and what clients say."""
