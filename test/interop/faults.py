"""What goes wrong inside atdata, shown by running it. Each function returns what happened; the tests say what should have."""
import pathlib
import tempfile
import types

import atdata
import numpy as np
import redis
from atdata.index import Index
from exchange import describe, open_dataset, open_index
from numpy.typing import NDArray
from sample_types import Tiny


def write(path, count):
    return atdata.Dataset[Tiny](atdata.write_samples([Tiny(id=i, label=f"n{i}") for i in range(count)], path).url)


def kinds_of_annotated_arrays(path):
    @atdata.packable
    class Annotated:
        bare: NDArray
        typed: NDArray[np.float32]
        plain: np.ndarray

    array = np.array([1, 2], "<f4")
    written = atdata.write_samples([Annotated(bare=array, typed=array, plain=array)], path)
    (sample,) = atdata.Dataset[Annotated](written.url).ordered()
    return {field: type(value).__name__ for field, value in vars(sample).items()}


def filtered_batches(path):
    dataset = write(path, 10).filter(lambda sample: sample.id < 3)
    one_by_one = [sample.id for sample in dataset.ordered()]
    return {"one by one": one_by_one, "batched": [i for batch in dataset.ordered(batch_size=5) for i in batch.id]}


def read_url(url):
    return [sample.id for sample in atdata.Dataset[Tiny](url).ordered()]


def shuffle_with_seed(path):
    return [sample.id for sample in write(path, 10).shuffled(seed=1)]


def keys_of_copies(place, name):
    """The keys of a dataset, and those of its copy under another name."""
    index, original = open_index(place), open_dataset(place, name, "Tiny")
    copy = index.insert_dataset(original, name=f"{name}-copy")
    return [keys_in(original.list_shards()), keys_in(copy.data_urls)]


def keys_in(urls):
    import webdataset

    return [sample["__key__"] for sample in webdataset.WebDataset(urls, shardshuffle=False)]


def files_after_failed_insert(place, missing):
    """Insert two shards of which the second cannot be read."""
    index = open_index(place)
    with tempfile.TemporaryDirectory() as folder:
        good = write(f"{folder}/good.tar", 3).url
        try:
            index.insert_dataset(atdata.Dataset[Tiny](f"{{{good},{missing}}}"), name="failed")
        except Exception as error:
            failure = type(error).__name__
    return {"failure": failure, "files": [path.name for path in pathlib.Path(place["root"]).rglob("*.tar")]}


def shards_asked_for(place, count, maxcount):
    samples = [Tiny(id=i, label="") for i in range(count)]
    return len(open_index(place).write_samples(samples, name="sharded", maxcount=maxcount).data_urls)


def one_content_two_names(place, path):
    index, dataset = Index(provider="sqlite", path=place["path"]), write(path, 2)
    index.insert_dataset(dataset, name="one")
    index.insert_dataset(dataset, name="two")
    return [index.get_dataset("one").name, index.get_dataset("two").name]


def metadata_taken_back(place, path):
    index, dataset = Index(redis=redis.Redis.from_url(place["redis"])), write(path, 2)
    index.insert_dataset(dataset, name="bare", metadata={"secret": 1})
    return describe(index.insert_dataset(dataset, name="bare"))["metadata"], describe(index.get_dataset("bare"))["metadata"]


def where_an_index_lies(path):
    return str(Index(path=path).provider.path)


def shards_of_an_s3_source():
    source = atdata.S3Source(bucket="b", keys=["one.tar", "two.tar"])
    with tempfile.TemporaryDirectory() as folder:
        entry = Index(provider="sqlite", path=f"{folder}/index.db").insert_dataset(atdata.Dataset[Tiny](source), name="two")
    return list(entry.data_urls)


def shape(field, annotation):
    """A class `Shape` with this one field, as another module would define it too."""
    return atdata.packable(types.new_class("Shape", (), {}, lambda body: body.update(__annotations__={field: annotation})))


def types_of_one_name(place):
    """Insert two datasets whose types have the same name and other fields, and read the second by its schema."""
    index, number, text = open_index(place), shape("number", int), shape("text", str)
    first = index.write_samples([number(number=1)], name="numbers")
    second = index.write_samples([text(text="one")], name="texts")
    try:
        read = [vars(sample) for sample in open_dataset(place, "texts").ordered()]
    except Exception as error:
        read = type(error).__name__
    return {"refs": [first.schema_ref, second.schema_ref], "read": read}


def version_published_twice(place):
    index = open_index(place)
    ref = index.publish_schema(shape("number", int), version="1.0.0")
    index.publish_schema(shape("text", str), version="1.0.0")
    return [field["name"] for field in index.get_schema(ref)["fields"]]


def published_version(place, version):
    return open_index(place).publish_schema(Tiny, version=version)


def types_of_two_registries(places, ref):
    first, second = (open_index(place).get_schema_type(ref) for place in places)
    return {"same": first is second, "types": [str(Type.__annotations__["value"]) for Type in (first, second)]}
