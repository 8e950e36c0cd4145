-- Our tables, beside those of atdata.

-- One row. The rowids up to which atdata's tables are indexed in ours: what atdata wrote since then has a higher one.
CREATE TABLE IF NOT EXISTS shardex_meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  layout INTEGER NOT NULL,
  seen_labels INTEGER NOT NULL DEFAULT 0,
  seen_entries INTEGER NOT NULL DEFAULT 0,
  seen_schemas INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS shardex_entries (
  cid TEXT PRIMARY KEY,
  details BLOB,
  content TEXT,
  created_at_ms INTEGER NOT NULL
);

-- A name that was deleted keeps its row, without a cid, so that its revisions go on. `record` is the CID of its newest record in the history.
CREATE TABLE IF NOT EXISTS shardex_names (
  name TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  cid TEXT,
  record TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shardex_names_current ON shardex_names (name) WHERE cid IS NOT NULL;
CREATE INDEX IF NOT EXISTS shardex_names_by_cid ON shardex_names (cid, name) WHERE cid IS NOT NULL;

CREATE TABLE IF NOT EXISTS shardex_history (
  name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  operation TEXT NOT NULL,
  cid TEXT,
  at_ms INTEGER NOT NULL,
  renamed_from TEXT,
  renamed_to TEXT,
  content TEXT,
  previous TEXT,
  PRIMARY KEY (name, revision)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shardex_history_by_time ON shardex_history (name, at_ms, revision);

CREATE TABLE IF NOT EXISTS shardex_schemas (
  type_name TEXT NOT NULL,
  version_key TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (type_name, version_key, version)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shardex_schemas_by_digest ON shardex_schemas (type_name, digest, version_key, version);

-- The label of a name that was set last, in one step: an index ends with the rowid, and each write of a label takes a new one.
CREATE INDEX IF NOT EXISTS shardex_labels_by_name ON labels (name);

-- One row. What tells this registry from others, and how many inserts it has seen begin.
CREATE TABLE IF NOT EXISTS shardex_registry (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL,
  ingests INTEGER NOT NULL DEFAULT 0
);

-- The journals of inserts. `cid` and `revision` are what a commit ended with. A lease that ends further ahead than `lease_ms` was given by a clock that jumped.
CREATE TABLE IF NOT EXISTS shardex_ingests (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  base TEXT NOT NULL,
  layout TEXT NOT NULL,
  settings TEXT NOT NULL,
  resumable INTEGER NOT NULL,
  owner TEXT NOT NULL,
  lease_ms INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'open',
  began_at_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  shards INTEGER NOT NULL DEFAULT 0,
  cid TEXT,
  revision INTEGER
);
CREATE INDEX IF NOT EXISTS shardex_ingests_open ON shardex_ingests (name, sequence) WHERE state = 'open' AND resumable;

-- The shards of open journals. `urls` is JSON.
CREATE TABLE IF NOT EXISTS shardex_ingest_shards (
  ingest INTEGER NOT NULL,
  number INTEGER NOT NULL,
  description BLOB NOT NULL,
  urls TEXT NOT NULL,
  PRIMARY KEY (ingest, number)
);

-- Objects that nothing needs; `at_ms` is since when the state is what it is.
CREATE TABLE IF NOT EXISTS shardex_marks (
  url TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shardex_marks_by_time ON shardex_marks (at_ms, url);
