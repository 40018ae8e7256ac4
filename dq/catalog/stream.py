"""What a stream cannot be asked: it belongs to sets of records."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ510",
        "Uniqueness in a stream",
        "a stream cannot ask '{check}': whether a key is unique is known only when every record was seen; {instead}",
        """Uniqueness refuses every copy of a repeated key, so the first copy would have to wait for the last event. A
        stream finds duplicates in the order of arrival instead, among the events accepted lately: `dedupe.stream`.
        With `--alone` the question is left to batches.""",
        wrong="""
        order_id: {type: string, checks: [unique]}    # dq stream
        """,
        right="""
        dedupe: {key: [order_id], stream: {within: 24h}}
        """,
    ),
    entry(
        "DQ511",
        "Deduplication in a stream",
        "a stream cannot ask 'dedupe': which record stays is known only when every one was seen; {instead}",
        """Which of several records with one key stays is decided by an order over all of them. In a stream the first
        to arrive stays, as long as its key is remembered. Say how long that is, or leave the question to batches with
        `--alone`.""",
        wrong="""
        dedupe: {key: [order_id], keep: last, order_by: placed_at}    # dq stream
        """,
        right="""
        dedupe: {key: [order_id], keep: last, order_by: placed_at, stream: {within: 24h}}
        """,
    ),
    entry(
        "DQ512",
        "An expectation in a stream",
        "a stream cannot ask '{check}': it is a question to a whole batch; {instead}",
        """A share, a count or a distribution is of a batch. A stream has no end at which it could fail. Ask such
        questions of what a stream has written, file by file (`dq check`), and let the stream leave them out with
        `--alone`.""",
        wrong="""
        expect: [row_count: {min: 1}]    # dq stream
        """,
        right="""
        # dq stream --alone, and dq check over what it wrote
        expect: [row_count: {min: 1}]
        """,
    ),
    entry(
        "DQ513",
        "A stream without a state",
        "a stream cannot learn: {steps} must be given what was learnt; {instead}",
        """A median, a vocabulary or a bound is learnt from many records. A stream applies what was learnt before and
        never learns, so that every event is judged alike.""",
        wrong="""
        amount: {type: number, impute: median}    # dq stream without --state
        """,
        right="""
        # dq fit SPEC SOURCE --out state.json, then dq stream --state state.json
        amount: {type: number, impute: median}
        """,
    ),
    entry(
        "DQ514",
        "Neighbours in a stream",
        "a stream cannot ask '{steps}': it fills from the records around one, and a batch has them; {instead}",
        """`ffill` and `bfill` take a value from the record before or behind, in an order over all of them. An event
        stands alone.""",
        wrong="""
        city: {type: string, impute: {ffill: {order_by: at}}}    # dq stream
        """,
        right="""
        city: {type: string, impute: most_frequent}    # with a state
        """,
    ),
)
