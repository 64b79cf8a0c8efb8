"""The limit: what a plain COPY of the same rows reaches, into tables with the same indexes.

The rows are those that the worker has just written.  What is timed is one connection that packs the bodies and copies
500 rows in a transaction, synchronous_commit on: no reading, no understanding, no counting."""

import time

import psycopg
import zstandard

BATCH = 500


def body_texts(line, first):
    """{id: the event as JSON}, for all that came after `first`."""
    dictionaries = {i: zstandard.ZstdCompressionDict(bytes(b)) for i, b in
                    line.sql("select id, dictionary from body_dictionary where dictionary is not null")}
    texts = {}
    for event, body in line.sql("select id, body from event_body where id > %s order by id", first):
        name = zstandard.get_frame_parameters(bytes(body)).dict_id
        texts[event] = zstandard.ZstdDecompressor(dict_data=dictionaries.get(name)).decompress(bytes(body))
    return texts, list(dictionaries.values())


def batches_of(db, first):
    """[(rows of event in binary, [(id, day)])], in the order of their ids."""
    ids = db.execute("select id, day from event where id > %s order by id", (first,)).fetchall()
    batches = []
    for n in range(0, len(ids), BATCH):
        part = ids[n:n + BATCH]
        with db.cursor().copy("copy (select * from copied_from where id between %s and %s order by id) to stdout"
                              " (format binary)", (part[0][0], part[-1][0])) as copy:
            batches.append((b"".join(bytes(block) for block in copy), part))
    return batches


def body_rows(packer, part, texts):
    """event_body in COPY's binary form: day, id, body."""
    rows = [b"PGCOPY\n\xff\r\n\0" + bytes(8)]
    for event, day in part:
        if event in texts:
            body = packer.compress(texts[event])
            days = day.toordinal() - 730120  # 2000-01-01
            rows.append((3).to_bytes(2, "big") + (4).to_bytes(4, "big") + days.to_bytes(4, "big")
                        + (8).to_bytes(4, "big") + event.to_bytes(8, "big") + len(body).to_bytes(4, "big") + body)
    rows.append(b"\xff\xff")
    return b"".join(rows)


def rate(line, first):
    """Rows a second."""
    texts, dictionaries = body_texts(line, first)
    packer = zstandard.ZstdCompressor(level=3, dict_data=dictionaries[-1] if dictionaries else None)
    with psycopg.connect(line.stack.cluster.conninfo(line.stack.database), autocommit=True) as db:
        day = db.execute("select to_char(max(day), 'YYYYMMDD') from event where id > %s", (first,)).fetchone()[0]
        db.execute(f"create view copied_from as select * from event where id > {int(first)}")
        batches = batches_of(db, first)
        db.execute(f"create table copied (like event_{day} including indexes including storage)")
        db.execute(f"create table copied_body (like event_body_{day} including indexes including storage)")
        db.execute("checkpoint")
        db.autocommit = False
        began = time.monotonic()
        for rows, part in batches:
            with db.cursor().copy("copy copied from stdin (format binary)") as copy:
                copy.write(rows)
            with db.cursor().copy("copy copied_body from stdin (format binary)") as copy:
                copy.write(body_rows(packer, part, texts))
            db.commit()
        seconds = time.monotonic() - began
        db.autocommit = True
        assert db.execute("select count(*) from copied").fetchone()[0] == sum(len(part) for _, part in batches)
        assert db.execute("select count(*) from copied_body").fetchone()[0] == len(texts)
        db.execute("drop table copied, copied_body")
        db.execute("drop view copied_from")
    return sum(len(part) for _, part in batches) / seconds
