"""One node of Apache Kafka on loopback, from the jars of the Maven repository.

The jars are kept in the user's cache.  Where they are not there and cannot be fetched, tests are skipped and say why.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

VERSION = "4.1.0"
POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dq</groupId><artifactId>broker</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
  </dependencies>
</project>
"""
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""
SECURE = """\
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location={certificates}/both.pem
"""


def jars() -> Path:
    """Return the folder of the jars; skip where it cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dq-tests"
    folder = cache / f"kafka-{VERSION}"
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None or shutil.which("java") is None:
        pytest.skip("Apache Kafka needs java and mvn")
    coming = cache / f"coming-{os.getpid()}"
    coming.mkdir(parents=True)
    (coming / "pom.xml").write_text(POM)
    argv = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={coming / 'jars'}"]
    try:
        done = subprocess.run(argv, cwd=coming, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            pytest.skip(f"the Maven repository gave no Kafka {VERSION}: {done.stdout.strip()[-200:]}")
        (coming / "jars").rename(folder)
    except subprocess.TimeoutExpired:
        pytest.skip("the Maven repository did not answer")
    except FileExistsError:  # another process was faster
        pass
    finally:
        shutil.rmtree(coming)
    return folder


def free_port() -> int:
    """Return a port of loopback that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(true, seconds: float = 60, what: str = "it") -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.02)


def answered(question):
    """Return the answer of a broker; where a topic, a group or the broker itself is new, it takes a moment."""
    found = []

    def known() -> bool:
        try:
            found.append(question())
        except KafkaException:
            return False
        return True

    until(known, 60, "an answer")
    return found[0]


class Kafka:
    """A broker that can be killed and started again on the same data."""

    def __init__(self, folder: Path, certificates: Path | None = None, password: str = "") -> None:
        """Start a broker; with certificates also behind TLS (`secure`), for a user `dq` who has a password."""
        self._jars = jars()
        self._folder = folder
        self.hosts, self.secure = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self._process: subprocess.Popen[bytes] | None = None
        listeners = [f"PLAINTEXT://{self.hosts}", *([f"SECURE://{self.secure}"] if certificates else [])]
        text = SETTINGS.format(listeners=",".join(listeners), controller=free_port(), folder=folder)
        self._settings = folder / "server.properties"
        self._settings.write_text(text + (SECURE.format(certificates=certificates) if certificates else ""))
        identity = hashlib.md5(str(folder).encode(), usedforsecurity=False).hexdigest()[:22]
        user = ["--add-scram", f"SCRAM-SHA-512=[name=dq,password={password}]"] if certificates else []
        self._java("kafka.tools.StorageTool", "format", "-t", identity, "-c", str(self._settings), *user).wait()
        self.start()

    def _java(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                ["java", "-Xmx512m", "-Xms256m", "-XX:TieredStopAtLevel=1", "-cp", f"{self._jars}/*", *arguments],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def start(self) -> None:
        """Start the broker and wait until it answers."""
        self._process = self._java("kafka.Kafka", str(self._settings))
        admin = AdminClient({"bootstrap.servers": self.hosts, "log_level": 0})

        def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, (self._folder / "log").read_text()[-2000:]
            try:
                return bool(admin.list_topics(timeout=1).brokers)
            except KafkaException:
                return False

        until(answers, 120, "the start of Kafka")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End the broker by a signal."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    @contextmanager
    def away(self, *, frozen: bool = False) -> Iterator[None]:
        """Kill the broker, or let it hang, and have it back in the end."""
        assert self._process is not None
        if frozen:
            self._process.send_signal(signal.SIGSTOP)
        else:
            self.kill()
        try:
            yield
        finally:
            if frozen:
                self._process.send_signal(signal.SIGCONT)
            else:
                self.start()

    def topic(self, name: str, partitions: int = 3) -> str:
        """Make a topic."""
        admin = AdminClient({"bootstrap.servers": self.hosts, "log_level": 0})
        for made in admin.create_topics([NewTopic(name, partitions, 1)]).values():
            made.result()
        return name

    def limit(self, name: str, size: int) -> None:
        """Let a topic take messages of so many bytes, and none that are larger."""
        admin = AdminClient({"bootstrap.servers": self.hosts, "log_level": 0})
        entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
        limited = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
        for made in admin.incremental_alter_configs([limited]).values():
            made.result()

    def widen(self, name: str, partitions: int) -> None:
        """Give a topic more partitions."""
        admin = AdminClient({"bootstrap.servers": self.hosts, "log_level": 0})
        for made in admin.create_partitions([NewPartitions(name, partitions)]).values():
            made.result()

    def send(self, topic: str, values, keys=None) -> None:
        """Write messages; with a key each goes to the partition of its key."""
        settings = {
            "linger.ms": 5,
            "queue.buffering.max.messages": 1_000_000,
            "enable.idempotence": True,
            "log_level": 0,
        }
        producer = Producer({"bootstrap.servers": self.hosts, **settings})
        for at, value in enumerate(values):
            producer.produce(topic, value, None if keys is None else keys[at])
            if at % 10_000 == 0:
                producer.poll(0)
        assert producer.flush(60) == 0

    def progress(self, group: str, topic: str) -> int:
        """Return how many messages of a topic the group has committed."""
        consumer = Consumer({"bootstrap.servers": self.hosts, "group.id": group, "isolation.level": "read_committed"})
        partitions = answered(lambda: consumer.list_topics(topic, timeout=10)).topics[topic].partitions
        asked = [TopicPartition(topic, number) for number in partitions]
        found = answered(lambda: consumer.committed(asked, timeout=10))
        consumer.close()
        return sum(max(0, partition.offset) for partition in found)

    def members(self, group: str) -> int:
        """Return how many streams the group has."""
        admin = AdminClient({"bootstrap.servers": self.hosts, "log_level": 0})

        def described():
            return admin.describe_consumer_groups([group])[group].result()

        return len(answered(described).members)

    def committed(self, topic: str, part=Message.value) -> list[Any]:
        """Return what a reader of committed messages finds in a topic when no transaction is open any more.

        A transaction is committed a moment before its messages are let through to readers.
        """
        common = {"bootstrap.servers": self.hosts, "group.id": "oracle", "enable.auto.commit": False}
        everything = Consumer({**common, "isolation.level": "read_uncommitted"})
        consumer = Consumer({**common, "isolation.level": "read_committed", "enable.partition.eof": True})
        partitions = [
            TopicPartition(topic, number, 0)
            for number in consumer.list_topics(topic, timeout=10).topics[topic].partitions
        ]
        ends = {
            one.partition: answered(lambda one=one: everything.get_watermark_offsets(one, timeout=10)[1])
            for one in partitions
        }
        consumer.assign(partitions)
        found, deadline = list[Any](), time.monotonic() + 90
        while ends:
            assert time.monotonic() < deadline, "a transaction stays open"
            for message in consumer.consume(10_000, 0.2):
                if message.error() is None:
                    found.append(part(message))
                elif message.offset() >= ends.get(message.partition(), 0):
                    ends.pop(message.partition(), None)
        everything.close()
        consumer.close()
        return found
