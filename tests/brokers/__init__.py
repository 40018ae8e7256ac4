"""Streams from and to real brokers: Apache Kafka and Redis, started on loopback."""
