"""The client `kafka-python`, pure Python."""

import kafka

from contract import Record, main, records_to_produce, say_assigned, say_record, standard_input_closed


def produce(bootstrap, topic, codec):
    producer = kafka.KafkaProducer(
        bootstrap_servers=bootstrap,
        compression_type=None if codec == "none" else codec,
        linger_ms=20,
        acks="all",
    )
    sends = [
        producer.send(topic, partition=partition, key=record.key, value=record.value, headers=list(record.headers))
        for partition, record in records_to_produce()
    ]
    producer.flush(timeout=30)
    for send in sends:
        send.get(timeout=30)
    producer.close()


def consume(bootstrap, group, topic):
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=500,
    )

    class Assignment(kafka.ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            pass

        def on_partitions_assigned(self, assigned):
            say_assigned(at.partition for at in consumer.assignment())

    consumer.subscribe([topic], listener=Assignment())
    closed = standard_input_closed()
    while not closed.is_set():
        # kafka-python 3.0.12 forgets its assignment when a poll times out in the moment a rebalance
        # completes, against any broker. A poll that takes longer than a rebalance never meets that.
        for batch in consumer.poll(timeout_ms=2_000).values():
            for got in batch:
                say_record(got.partition, got.offset, Record(got.key, got.value, tuple(got.headers)))
    consumer.close()


main(produce, consume)
