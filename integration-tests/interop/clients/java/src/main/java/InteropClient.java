import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The Java client, speaking the lines of ../contract.py. */
public final class InteropClient {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] args) throws Exception {
        switch (args.length == 4 ? args[0] : "") {
            case "produce" -> produce(args[1], args[2], args[3]);
            case "consume" -> consume(args[1], args[2], args[3]);
            default -> {
                System.err.println("usage: produce BOOTSTRAP TOPIC CODEC | consume BOOTSTRAP GROUP TOPIC");
                System.exit(2);
            }
        }
    }

    private static void produce(String bootstrap, String topic, String codec) throws Exception {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", bootstrap, "compression.type", codec, "linger.ms", 20, "acks", "all");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sends = new ArrayList<>();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                sends.add(producer.send(record(topic, line.split(" "))));
            }
            for (Future<RecordMetadata> send : sends) {
                send.get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static void consume(String bootstrap, String group, String topic) {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest",
            "session.timeout.ms", 10_000, "heartbeat.interval.ms", 500);
        AtomicBoolean closed = standardInputClosed();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> revoked) {}

                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
                    say("assigned " + consumer.assignment().stream().map(TopicPartition::partition).sorted()
                        .map(String::valueOf).collect(Collectors.joining(" ")));
                }
            });
            while (!closed.get()) {
                consumer.poll(Duration.ofMillis(100)).forEach(InteropClient::say);
            }
        }
        say("left");
    }

    /** {@code PARTITION KEY VALUE [NAME VALUE]...} */
    private static ProducerRecord<byte[], byte[]> record(String topic, String[] words) {
        List<Header> headers = new ArrayList<>();
        for (int at = 3; at < words.length; at += 2) {
            headers.add(new RecordHeader(new String(data(words[at]), StandardCharsets.UTF_8), data(words[at + 1])));
        }
        return new ProducerRecord<>(topic, Integer.valueOf(words[0]), data(words[1]), data(words[2]), headers);
    }

    private static void say(ConsumerRecord<byte[], byte[]> got) {
        var line = new StringBuilder("record ").append(got.partition()).append(' ').append(got.offset())
            .append(' ').append(word(got.key())).append(' ').append(word(got.value()));
        for (Header header : got.headers()) {
            line.append(' ').append(word(header.key().getBytes(StandardCharsets.UTF_8)))
                .append(' ').append(word(header.value()));
        }
        say(line.toString());
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static String word(byte[] data) {
        return data == null ? "-" : data.length == 0 ? "." : HEX.formatHex(data);
    }

    private static byte[] data(String word) {
        return switch (word) {
            case "-" -> null;
            case "." -> new byte[0];
            default -> HEX.parseHex(word);
        };
    }

    private static AtomicBoolean standardInputClosed() {
        var closed = new AtomicBoolean();
        var watch = new Thread(() -> {
            try {
                System.in.readAllBytes();
            } catch (IOException gone) {
                // A broken pipe says the same as a closed one.
            }
            closed.set(true);
        });
        watch.setDaemon(true);
        watch.start();
        return closed;
    }
}
