"""The client `aiokafka`, for asyncio."""

import asyncio

import aiokafka

from contract import Record, main, records_to_produce, say_assigned, say_record, standard_input_closed


async def produce(bootstrap, topic, codec):
    producer = aiokafka.AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        compression_type=None if codec == "none" else codec,
        linger_ms=20,
        acks="all",
    )
    async with producer:
        sends = [
            await producer.send(topic, partition=partition, key=record.key, value=record.value, headers=list(record.headers))
            for partition, record in records_to_produce()
        ]
        await asyncio.wait_for(asyncio.gather(*sends), timeout=30)


async def consume(bootstrap, group, topic):
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=500,
    )

    class Assignment(aiokafka.ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            pass

        def on_partitions_assigned(self, assigned):
            say_assigned(at.partition for at in assigned)

    consumer.subscribe([topic], listener=Assignment())
    closed = standard_input_closed()
    async with consumer:
        while not closed.is_set():
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                for got in batch:
                    say_record(got.partition, got.offset, Record(got.key, got.value, tuple(got.headers)))


main(lambda *how: asyncio.run(produce(*how)), lambda *how: asyncio.run(consume(*how)))
