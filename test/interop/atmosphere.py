"""What a user of atdata does with a PDS: publish, find, read."""
import atdata
import requests
from atdata import _schema_codec
from atdata._hf_api import _shards_to_wds_url
from atdata.atmosphere import Atmosphere
from atdata.atmosphere.labels import LabelLoader, LabelPublisher
from atdata.atmosphere.records import DatasetLoader, DatasetPublisher
from atdata.atmosphere.schema import SchemaLoader, SchemaPublisher
from atproto import Client
from plain import to_plain

import sample_types


def open_reader(pds):
    """Without a session: with one, atdata reads other accounts from bsky.social only."""
    return Atmosphere(base_url=pds)


def open_publisher(pds, handle, password):
    """As `Atmosphere.login`, which also asks for a profile of Bluesky, which a PDS of one's own has not."""
    client = Client(base_url=pds)
    client.login(handle, password, fetch_bsky_profile=False)
    publisher = Atmosphere(_client=client)
    publisher._session = {"did": client._session.did, "handle": handle}
    return publisher


def describe(pds, uri):
    """All that its loaders make of a record."""
    loader = DatasetLoader(open_reader(pds))
    typed = loader.get_typed(uri)
    kind = loader.get_storage_type(uri)
    return {
        "name": typed.name,
        "schemaRef": typed.schema_ref,
        "description": typed.description,
        "license": typed.license,
        "tags": typed.tags,
        "storage": kind,
        "urls": None if kind == "blobs" else loader.get_urls(uri),
        "blobs": [item["blob"]["ref"]["$link"] for item in loader.get_blobs(uri)] if kind == "blobs" else None,
        "metadata": to_plain(loader.get_metadata(uri)),
    }


def decode_type(pds, schema_uri):
    return _schema_codec.schema_to_type(SchemaLoader(open_reader(pds)).get(schema_uri))


def schema(pds, uri):
    record = SchemaLoader(open_reader(pds)).get_typed(uri)
    return {"name": record.name, "version": record.version, **{part: record.schema.schema_body[part] for part in ("properties", "required")}}


def sample_type(pds, uri):
    """Not of a schema with optional fields: a PDS sorts them before others, and then atdata makes no dataclass of them."""
    return {field: str(type) for field, type in decode_type(pds, uri).__annotations__.items()}


def read(pds, uri, type=None):
    """With a declared type, or the one that atdata makes of the published schema."""
    loader = DatasetLoader(open_reader(pds))
    Type = getattr(sample_types, type) if type else decode_type(pds, loader.get_typed(uri).schema_ref)
    return [fields_of(sample) for sample in loader.to_dataset(uri, Type).ordered()]


def read_blobs(pds, uri, type):
    """Its loader asks plc.directory where blobs are; here they are where the record is."""
    loader = DatasetLoader(open_reader(pds))
    did = uri.split("/")[2]
    urls = [f"{pds}/xrpc/com.atproto.sync.getBlob?did={did}&cid={item['blob']['ref']['$link']}" for item in loader.get_blobs(uri)]
    assert all(requests.get(url, timeout=30).ok for url in urls)
    return [fields_of(sample) for sample in atdata.Dataset[getattr(sample_types, type)](_shards_to_wds_url(urls)).ordered()]


def fields_of(sample):
    return {field: to_plain(value) for field, value in vars(sample).items()}


def resolve(pds, account, name, version=None):
    return LabelLoader(open_reader(pds)).resolve(account, name, version)


def publish(pds, handle, password, type, name, urls=None, shards=None, metadata=None, label=None):
    """Schema, entry and perhaps a label, as its publishers write them."""
    client = open_publisher(pds, handle, password)
    schema_uri = str(SchemaPublisher(client).publish(getattr(sample_types, type), version="1.2.0"))
    publisher = DatasetPublisher(client)
    common = {"schema_uri": schema_uri, "name": name, "description": "of atdata", "tags": ["t"], "license": "MIT", "metadata": metadata}
    if urls is not None:
        uri = publisher.publish_with_urls(urls, **common)
    else:
        blobs = []
        for path in shards:
            with open(path, "rb") as file:
                blobs.append(file.read())
        uri = publisher.publish_with_blobs(blobs, **common)
    if label is not None:
        LabelPublisher(client).publish(name, str(uri), version=label)
    return {"uri": str(uri), "schemaUri": schema_uri}
