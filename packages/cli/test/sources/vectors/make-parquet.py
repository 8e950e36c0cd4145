"""Makes duckdb.parquet and pyarrow.parquet, with what our own tests can not write: pages of version 2, lists in them, DuckDB's padded runs.

python make-parquet.py (pyarrow 26.0.1, duckdb 2.0.0)
"""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

here = Path(__file__).parent
rows = range(10)
table = pa.table(
    {
        "id": pa.array(rows, pa.int64()),
        "small": pa.array([None if k % 7 == 0 else k * k - 20 for k in rows], pa.int32()),
        "x": pa.array([k / 4 for k in rows], pa.float32()),
        "url": [None if k % 4 == 3 else f"https://example.org/{k // 3}" for k in rows],
        "ok": [None if k % 5 == 0 else k % 2 == 0 for k in rows],
        "tags": pa.array([[f"t{j}" for j in range(k % 3)] for k in rows], pa.list_(pa.string())),
    }
)
pq.write_table(
    table,
    here / "pyarrow.parquet",
    compression="zstd",
    data_page_version="2.0",
    use_dictionary=False,
    column_encoding={
        "id": "DELTA_BINARY_PACKED",
        "small": "DELTA_BINARY_PACKED",
        "x": "BYTE_STREAM_SPLIT",
        "url": "DELTA_BYTE_ARRAY",
        "ok": "RLE",
        "tags.list.element": "DELTA_LENGTH_BYTE_ARRAY",
    },
    store_schema=False,
)
connection = duckdb.connect()
connection.register("rows", table)
connection.execute(f"copy rows to '{here / 'duckdb.parquet'}' (format parquet, compression lz4_raw, parquet_version v1)")
