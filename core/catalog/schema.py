"""The tables of one generation. Every column of every table is written here and nowhere else."""

VERSION = 3
"""Raised with every change of a table; a catalogue of another version is rebuilt from its roots."""

DIMENSIONS = 384
"""Length of an embedding."""

TABLES = f"""
CREATE TABLE meta (key VARCHAR, value VARCHAR);
CREATE TABLE root (path VARCHAR, label VARCHAR, offline BOOLEAN, left_out INTEGER, done VARCHAR, device BIGINT);
CREATE TABLE file (path VARCHAR, root VARCHAR, size BIGINT, mtime_ns BIGINT, hash VARCHAR, outline VARCHAR);
CREATE TABLE history (
    repository VARCHAR, path VARCHAR, created VARCHAR, modified VARCHAR, author VARCHAR, commits INTEGER, blob VARCHAR
);
CREATE TABLE model (
    number INTEGER, id VARCHAR, path VARCHAR, kind VARCHAR, script VARCHAR, aliases VARCHAR[], root VARCHAR, offline
    BOOLEAN, created VARCHAR, modified VARCHAR, created_day DATE, modified_day DATE, created_at DOUBLE, modified_at
    DOUBLE, created_from VARCHAR, modified_from VARCHAR, author VARCHAR, commits INTEGER, size BIGINT, lines INTEGER,
    warnings VARCHAR[], files VARCHAR[], writes VARCHAR, digest VARCHAR, grid VARCHAR,
    hash VARCHAR, inputs VARCHAR, traces VARCHAR, signature VARCHAR, found_warnings VARCHAR[]
);
CREATE TABLE fact (
    model INTEGER, position INTEGER, field VARCHAR, value VARCHAR, folded VARCHAR, number DOUBLE,
    file VARCHAR, line INTEGER, end_line INTEGER, cell INTEGER, how VARCHAR, stage VARCHAR
);
CREATE TABLE module (
    model INTEGER, position INTEGER, name VARCHAR, kind VARCHAR, arguments VARCHAR, parameters BIGINT,
    file VARCHAR, line INTEGER, end_line INTEGER, cell INTEGER
);
CREATE TABLE passage (
    number INTEGER, model INTEGER, kind VARCHAR, text VARCHAR, hash VARCHAR,
    file VARCHAR, line INTEGER, end_line INTEGER, cell INTEGER, embedding FLOAT[{DIMENSIONS}]
);
CREATE TABLE image (
    model INTEGER, position INTEGER, path VARCHAR, epoch INTEGER, step INTEGER, label VARCHAR, stage VARCHAR,
    created VARCHAR, modified VARCHAR, width INTEGER, height INTEGER, readable BOOLEAN, why VARCHAR
);
CREATE TABLE checkpoint (
    model INTEGER, position INTEGER, path VARCHAR, format VARCHAR, size BIGINT, epoch INTEGER, parameters BIGINT,
    tensors VARCHAR, modified VARCHAR, readable BOOLEAN, why VARCHAR
);
CREATE TABLE series (
    model INTEGER, position INTEGER, path VARCHAR, name VARCHAR, split VARCHAR, unit VARCHAR, points VARCHAR, why
    VARCHAR
);
CREATE TABLE metric (
    model INTEGER, position INTEGER, name VARCHAR, value DOUBLE, split VARCHAR, epoch INTEGER,
    file VARCHAR, line INTEGER, end_line INTEGER, cell INTEGER
);
CREATE TABLE likeness (model INTEGER, other INTEGER, score DOUBLE);
"""
"""`number` numbers models (and passages) densely from 0 in one generation, in order of id (passages: of model, place).
fact.value is JSON (null = known none), folded its lower-case letters and digits (and non-ASCII letters), number set
where it is one. model.grid is the JSON of its Row. passage.embedding is null until it is embedded; passage.hash is of
its text, so that vectors of unchanged text are carried over.

For the next run: file.outline is the JSON of its Outline (null where it has none); model.hash is of the file's content,
inputs of all that its analysis read, traces of the artefact files it was linked with, writes the JSON of its
WritePaths, signature the min-hashes that near-identical models are found by. history holds what git said, by file; a
repository's row without a path holds its HEAD in `blob`."""
