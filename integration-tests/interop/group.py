"""A group of two members of one client, one of which leaves."""

from client import Failed
from corpus import PARTITIONS, live


def group_of_two(client, corpus, group):
    """Reads the corpus in a group of two members, one of which leaves; returns all that was seen."""
    everything = set(range(PARTITIONS))
    with client.member(group, corpus.topic) as first, client.member(group, corpus.topic) as second:
        complete = lambda: corpus.has_been_read(first, second)  # noqa: E731
        first.wait("both members to have partitions", lambda: first.assigned and second.assigned)
        first.wait(
            "the members to share the partitions",
            lambda: not first.assigned & second.assigned and first.assigned | second.assigned == everything,
        )
        first.wait("the group to have read everything", complete)

        # New records now: whoever is idle gets none.
        before = len(first.seen), len(second.seen)
        corpus.add(client, "none", live(client, "to both"))
        first.wait("the group to read on", complete)
        if len(first.seen) == before[0] or len(second.seen) == before[1]:
            raise Failed("a member is idle: it has partitions and was given no new record of them")

        first.leave()
        second.wait("the other to have all partitions", lambda: second.assigned == everything)
        corpus.add(client, "none", live(client, "to one"))
        second.wait("the other to read on alone", complete)
        second.leave()
        return {**first.seen, **second.seen}
