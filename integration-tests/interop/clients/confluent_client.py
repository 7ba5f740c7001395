"""The client `confluent-kafka`: Python over the librdkafka of its wheel."""

import sys

import confluent_kafka

from contract import Record, main, records_to_produce, say_assigned, say_record, standard_input_closed


def produce(bootstrap, topic, codec):
    refusals = []
    producer = confluent_kafka.Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": codec,
            "linger.ms": 20,
            "acks": "all",
            "on_delivery": lambda refusal, _: refusals.append(refusal) if refusal else None,
        }
    )
    for partition, record in records_to_produce():
        producer.produce(topic, record.value, record.key, partition, headers=list(record.headers))
    unsent = producer.flush(30)
    if unsent or refusals:
        sys.exit(f"{unsent} records not acknowledged in time, refused: {refusals}")


def consume(bootstrap, group, topic):
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 10_000,
            "heartbeat.interval.ms": 500,
        }
    )
    consumer.subscribe([topic], on_assign=lambda _, assigned: say_assigned(at.partition for at in assigned))
    closed = standard_input_closed()
    while not closed.is_set():
        got = consumer.poll(0.1)
        if got is None:
            continue
        if got.error():
            sys.exit(str(got.error()))
        headers = tuple(got.headers() or ())
        say_record(got.partition(), got.offset(), Record(got.key(), got.value(), headers))
    consumer.close()


main(produce, consume)
