-- Every statement, under the name by which the code asks for it. A list starts at the cursor: the key of the last row with a NUL behind,
-- which is the next text in byte order.

-- :seen
SELECT
  m.seen_labels, m.seen_entries, m.seen_schemas,
  (SELECT ifnull(max(rowid), 0) FROM labels) AS labels,
  (SELECT ifnull(max(rowid), 0) FROM dataset_entries) AS entries,
  (SELECT ifnull(max(rowid), 0) FROM schemas) AS schemas
FROM shardex_meta AS m;

-- :markSeen
UPDATE shardex_meta SET
  seen_labels = (SELECT ifnull(max(rowid), 0) FROM labels),
  seen_entries = (SELECT ifnull(max(rowid), 0) FROM dataset_entries),
  seen_schemas = (SELECT ifnull(max(rowid), 0) FROM schemas);

-- :newLabels
SELECT name, version, cid FROM labels WHERE rowid > :after ORDER BY rowid;

-- :newEntries
SELECT cid, name FROM dataset_entries WHERE rowid > :after ORDER BY rowid;

-- :newSchemas
SELECT name, version, schema_json FROM schemas WHERE rowid > :after ORDER BY rowid;

-- :entry
SELECT e.rowid AS sequence, e.cid, e.name, e.schema_ref, e.data_urls, e.metadata, e.legacy_uuid, s.details,
  ifnull(s.created_at_ms, unixepoch(e.created_at) * 1000) AS created_at_ms
FROM dataset_entries AS e LEFT JOIN shardex_entries AS s ON s.cid = e.cid
WHERE e.cid = :cid;

-- :entries
SELECT e.rowid AS sequence, e.cid, e.name, e.schema_ref, e.data_urls, e.metadata, e.legacy_uuid, s.details,
  ifnull(s.created_at_ms, unixepoch(e.created_at) * 1000) AS created_at_ms
FROM dataset_entries AS e LEFT JOIN shardex_entries AS s ON s.cid = e.cid
WHERE e.rowid > :after ORDER BY e.rowid LIMIT :limit;

-- :hasEntry
SELECT 1 AS found FROM dataset_entries WHERE cid = :cid;

-- :putEntry
-- Not REPLACE: that would reset created_at and the place in the list.
INSERT INTO dataset_entries (cid, name, schema_ref, data_urls, metadata, legacy_uuid)
VALUES (:cid, :name, :schemaRef, :dataUrls, :metadata, :legacyUuid)
ON CONFLICT (cid) DO UPDATE SET schema_ref = excluded.schema_ref, data_urls = excluded.data_urls, metadata = excluded.metadata,
  legacy_uuid = ifnull(excluded.legacy_uuid, legacy_uuid);

-- :putDetails
INSERT INTO shardex_entries (cid, details, content, created_at_ms) VALUES (:cid, :details, :content, :nowMs)
ON CONFLICT (cid) DO UPDATE SET details = excluded.details, content = excluded.content WHERE excluded.details IS NOT NULL;

-- :content
SELECT content FROM shardex_entries WHERE cid = :cid;

-- :nameEntry
UPDATE dataset_entries SET name = :to WHERE cid = :cid AND name = :from;

-- :deleteEntry
DELETE FROM dataset_entries WHERE cid = :cid;

-- :deleteDetails
DELETE FROM shardex_entries WHERE cid = :cid;

-- :name
SELECT name, revision, at_ms, cid, record FROM shardex_names WHERE name = :name;

-- :putName
INSERT OR REPLACE INTO shardex_names (name, revision, at_ms, cid, record) VALUES (:name, :revision, :atMs, :cid, :record);

-- :putStep
INSERT INTO shardex_history (name, revision, operation, cid, at_ms, renamed_from, renamed_to, content, previous)
VALUES (:name, :revision, :operation, :cid, :atMs, :renamedFrom, :renamedTo, :contentCid, :previousCid);

-- :names
SELECT name, revision, at_ms, cid FROM shardex_names
WHERE cid IS NOT NULL AND name >= :from AND name <= :to ORDER BY name LIMIT :limit;

-- :namesOf
SELECT name FROM shardex_names WHERE cid = :cid ORDER BY name;

-- :history
SELECT name, revision, operation, cid, at_ms, renamed_from, renamed_to, content, previous FROM shardex_history
WHERE name = :name AND revision > :after ORDER BY revision LIMIT :limit;

-- :stepByRevision
SELECT revision, cid FROM shardex_history WHERE name = :name AND revision = :revision;

-- :stepByTime
SELECT revision, cid FROM shardex_history WHERE name = :name AND at_ms <= :timeMs ORDER BY at_ms DESC, revision DESC LIMIT 1;

-- :putLabel
-- REPLACE: the new rowid makes it the label set last, for atdata too.
INSERT OR REPLACE INTO labels (name, cid, version, description) VALUES (:name, :cid, :version, :description);

-- :label
SELECT name, version, cid, description FROM labels WHERE name = :name AND version = :version;

-- :lastLabel
SELECT name, version, cid, description FROM labels INDEXED BY shardex_labels_by_name WHERE name = :name ORDER BY rowid DESC LIMIT 1;

-- :labels
SELECT name, version, cid, description FROM labels
WHERE (name, version) >= (:fromName, :fromVersion) ORDER BY name, version LIMIT :limit;

-- :labelsOfName
SELECT name, version, cid, description FROM labels
WHERE name = :name AND version >= :fromVersion ORDER BY version LIMIT :limit;

-- :labelsOfEntry
SELECT name, version FROM labels WHERE cid = :cid AND version <> '';

-- :deleteLabel
DELETE FROM labels WHERE name = :name AND version = :version;

-- :schema
SELECT schema_json FROM schemas WHERE name = :name AND version = :version;

-- :putSchema
INSERT INTO schemas (name, version, schema_json) VALUES (:typeName, :version, :text);

-- :indexSchema
INSERT INTO shardex_schemas (type_name, version_key, version, digest) VALUES (:typeName, :versionKey, :version, :digest)
ON CONFLICT DO UPDATE SET digest = excluded.digest;

-- :latestSchema
-- Keys of semver versions start with "v"; what atdata let through as a version sorts before and is never the latest.
SELECT version FROM shardex_schemas WHERE type_name = :typeName AND version_key > 'v' ORDER BY version_key DESC LIMIT 1;

-- :schemaByDigest
SELECT version FROM shardex_schemas WHERE type_name = :typeName AND digest = :digest ORDER BY version_key DESC, version DESC LIMIT 1;

-- :schemas
SELECT i.type_name, i.version_key, i.version, s.schema_json
FROM shardex_schemas AS i LEFT JOIN schemas AS s ON s.name = i.type_name AND s.version = i.version
WHERE (i.type_name, i.version_key, i.version) >= (:typeName, :versionKey, :version)
ORDER BY i.type_name, i.version_key, i.version LIMIT :limit;

-- :lens
SELECT lens_json FROM lenses WHERE name = :name AND version = :version;

-- :putLens
INSERT OR IGNORE INTO lenses (name, version, lens_json) VALUES (:name, :version, :text);

-- :lensVersions
SELECT version FROM lenses WHERE name = :name ORDER BY version;

-- :lenses
SELECT name, version, lens_json FROM lenses WHERE (name, version) > (:name, :version) ORDER BY name, version LIMIT :limit;

-- :counts
SELECT
  (SELECT count(*) FROM dataset_entries) AS entries,
  (SELECT count(*) FROM shardex_names WHERE cid IS NOT NULL) AS names,
  (SELECT count(*) FROM labels) AS labels,
  (SELECT count(*) FROM schemas) AS schemas,
  (SELECT count(*) FROM shardex_ingests) AS ingests,
  (SELECT count(*) FROM shardex_marks) AS marks;

-- :layout
SELECT layout FROM shardex_meta;

-- :registry
SELECT uuid FROM shardex_registry WHERE id = 1;

-- :makeRegistry
INSERT INTO shardex_registry (id, uuid) VALUES (1, :uuid) ON CONFLICT DO NOTHING;

-- :nextIngest
UPDATE shardex_registry SET ingests = ingests + 1 WHERE id = 1 RETURNING ingests;

-- :ingest
SELECT * FROM shardex_ingests WHERE id = :id;

-- :ingests
SELECT * FROM shardex_ingests WHERE sequence > :after ORDER BY sequence LIMIT :limit;

-- :openIngests
SELECT * FROM shardex_ingests WHERE name = :name AND state = 'open' AND resumable ORDER BY sequence;

-- :beginIngest
INSERT INTO shardex_ingests (sequence, id, name, base, layout, settings, resumable, owner, lease_ms, began_at_ms, until_ms)
VALUES (:sequence, :id, :name, :base, :layout, :settings, :resumable, :owner, :leaseMs, :nowMs, :nowMs + :leaseMs);

-- :leaseIngest
UPDATE shardex_ingests SET owner = :owner, lease_ms = :leaseMs, until_ms = :untilMs WHERE id = :id;

-- :endLease
UPDATE shardex_ingests SET until_ms = :nowMs WHERE id = :id;

-- :endIngest
UPDATE shardex_ingests SET state = :state, until_ms = :nowMs, cid = :cid, revision = :revision WHERE id = :id;

-- :forgetIngest
DELETE FROM shardex_ingests WHERE id = :id;

-- :hasIngestShard
SELECT 1 AS found FROM shardex_ingest_shards WHERE ingest = :sequence AND number = :number;

-- :putIngestShard
INSERT OR REPLACE INTO shardex_ingest_shards (ingest, number, description, urls) VALUES (:sequence, :number, :description, :urls);

-- :countIngestShard
UPDATE shardex_ingests SET shards = shards + 1 WHERE id = :id;

-- :ingestShards
SELECT s.number, s.description, s.urls FROM shardex_ingests AS i JOIN shardex_ingest_shards AS s ON s.ingest = i.sequence
WHERE i.id = :id AND s.number > :after ORDER BY s.number LIMIT :limit;

-- :dropIngestShards
DELETE FROM shardex_ingest_shards WHERE ingest = :sequence;

-- :anyMark
SELECT 1 AS found FROM shardex_marks LIMIT 1;

-- :mark
SELECT url, state, at_ms FROM shardex_marks WHERE url = :url;

-- :marks
SELECT url, state, at_ms FROM shardex_marks
WHERE (at_ms, url) > (:afterMs, :afterUrl) AND at_ms <= :untilMs ORDER BY at_ms, url LIMIT :limit;

-- :putMark
INSERT INTO shardex_marks (url, state, at_ms) VALUES (:url, 'marked', :nowMs) ON CONFLICT DO NOTHING;

-- :claimMark
UPDATE shardex_marks SET state = 'deleting', at_ms = :nowMs WHERE url = :url AND state = :state AND at_ms = :seenMs;

-- :removeMark
DELETE FROM shardex_marks WHERE url = :url AND state = :state AND at_ms = :seenMs;

-- :takeMarkBack
DELETE FROM shardex_marks WHERE url = :url AND state = 'marked';
