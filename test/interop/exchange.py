"""What a user of atdata does with a registry: insert, find, read."""
import importlib.metadata
import platform
import tempfile

import atdata
import boto3
import msgpack
import redis
import webdataset
from atdata.index import Index
from atdata.local import S3DataStore
from botocore.config import Config
from plain import from_plain, to_plain

import sample_types


def versions():
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("atdata", "webdataset", "msgpack", "ormsgpack", "numpy", "redis")},
    }


def open_index(place):
    if "path" in place:
        return Index(provider="sqlite", path=place["path"], data_store=atdata.LocalDiskStore(place["root"]))
    store = S3DataStore(place["credentials"], bucket=place["bucket"])
    return Index(redis=redis.Redis.from_url(place["redis"]), data_store=store)


def describe(entry):
    return {
        "name": entry.name,
        "cid": entry.cid,
        "computedCid": atdata.generate_cid({"schema_ref": entry.schema_ref, "data_urls": list(entry.data_urls)}),
        "schemaRef": entry.schema_ref,
        "dataUrls": list(entry.data_urls),
        "metadata": to_plain(entry.metadata),
    }


def find(place, name):
    return describe(open_index(place).get_dataset(name))


def find_label(place, name, version):
    return describe(open_index(place).get_label(name, version))


def entries(place):
    return [describe(entry) for entry in open_index(place).list_datasets()]


def labels(place):
    return sorted([name, version or "", cid] for name, cid, version in open_index(place).list_labels())


def move(place, name, cid, version=None):
    open_index(place).label(name, cid, version=version)


def make(type, samples):
    Type = getattr(sample_types, type)
    return Type, [Type(**{field: from_plain(value) for field, value in sample.items()}) for sample in samples]


def insert(place, name, type, samples, metadata=None, version=None, cache_local=False):
    """Write samples as atdata's tutorials do: to a tar first, then through the store of the index."""
    Type, made = make(type, samples)
    index = open_index(place)
    with tempfile.TemporaryDirectory() as folder:
        dataset = atdata.write_samples(made, f"{folder}/all.tar")
        dataset = atdata.Dataset[Type](dataset.url)
        entry = index.insert_dataset(
            dataset, name=name, metadata=from_plain(metadata), version=version, cache_local=cache_local
        )
    return describe(entry)


def open_dataset(place, name, type=None):
    Type = type and getattr(sample_types, type)
    return atdata.load_dataset(f"@local/{name}", Type, split="train", index=open_index(place))


def fields_of(sample):
    return {field: to_plain(value) for field, value in vars(sample).items()}


def read(place, name, type=None):
    """With a declared type, or the one that atdata makes of the schema in the index."""
    return [fields_of(sample) for sample in open_dataset(place, name, type).ordered()]


def read_batches(place, name, type, field, batch_size):
    return [to_plain(getattr(batch, field)) for batch in open_dataset(place, name, type).shuffled(batch_size=batch_size)]


def schema(place, ref):
    index = open_index(place)
    record = index.get_schema(ref)
    Type = index.decode_schema(ref)
    return {"name": record["name"], "version": record["version"], "fields": {f: str(t) for f, t in Type.__annotations__.items()}}


def schemas(place):
    return sorted(f"{record['name']}@{record['version']}" for record in open_index(place).list_schemas())


def publish(place, type, version=None):
    return open_index(place).publish_schema(getattr(sample_types, type), version=version)


def stream(urls, place=None):
    """By webdataset alone, which knows no types. It has no way to open s3 URLs, so with a place they are signed for HTTP."""
    urls = [sign(place, url) for url in urls] if place else urls
    pipeline = webdataset.WebDataset(urls, shardshuffle=False).decode(webdataset.handle_extension("msgpack", msgpack.unpackb))
    return [[sample["__key__"], to_plain(sample["msgpack"])] for sample in pipeline]


def sign(place, url):
    credentials = place["credentials"]
    client = boto3.client(
        "s3",
        config=Config(signature_version="s3v4", region_name=place["region"], s3={"addressing_style": "path"}),
        endpoint_url=credentials["AWS_ENDPOINT"],
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
    )
    bucket, key = url.removeprefix("s3://").split("/", 1)
    return client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})


def write_manifests(path, count, maxcount=None):
    """Shards with manifests beside them, and what atdata reads of these."""
    samples = [sample_types.Tiny(id=i, label=f"n{i % 5}") for i in range(count)]
    return atdata.Dataset[sample_types.Tiny](atdata.write_samples(samples, path, maxcount=maxcount, manifest=True).url).list_shards()


def write_manifest(path, type, samples):
    """Of one shard with these samples."""
    return atdata.write_samples(make(type, samples)[1], path, manifest=True).url


def write_manifests_to_s3(place, prefix, count, maxcount):
    samples = [sample_types.Tiny(id=i, label=f"n{i % 5}") for i in range(count)]
    store = S3DataStore(place["credentials"], bucket=place["bucket"])
    with tempfile.TemporaryDirectory() as folder:
        dataset = atdata.Dataset[sample_types.Tiny](atdata.write_samples(samples, f"{folder}/all.tar").url)
        return list(store.write_shards(dataset, prefix=prefix, maxcount=maxcount, manifest=True))


def query(urls, field, value):
    """Where samples with this value lie, by the manifests beside the shards."""
    found = []
    for url in urls:
        locations = atdata.Dataset[sample_types.Tiny](url).query(where=lambda samples: samples[field] == value)
        found += [[location.shard, location.key, location.offset] for location in locations]
    return found


def columns(path):
    """Every column of a manifest, as atdata's own reader has it."""
    import pandas

    samples = pandas.read_parquet(path, engine="fastparquet")
    return {name: [to_plain_cell(value) for value in samples[name]] for name in samples.columns}


def to_plain_cell(value):
    value = value.item() if hasattr(value, "item") else value
    return None if value is None or value in (float("inf"), float("-inf")) or value != value else value


def aggregates(path):
    from atdata.manifest import ShardManifest

    return ShardManifest.from_json_only(path).aggregates


def store_lens(place, name):
    return open_index(place).store_lens(atdata.Lens(view_of_tiny), name=name)


def load_lens(place, ref, sample):
    """What a stored lens makes of a sample."""
    lens = open_index(place).load_lens(ref, source_type=sample_types.Tiny, view_type=sample_types.Labelled)
    return vars(lens(sample_types.Tiny(**sample)))


def lenses(place):
    return sorted(lens["$ref"] for lens in open_index(place).list_lenses())


def view_of_tiny(source: sample_types.Tiny) -> sample_types.Labelled:
    return sample_types.Labelled(label=source.label)
