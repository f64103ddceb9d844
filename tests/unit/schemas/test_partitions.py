from zlib import crc32

from aiokafka.partitioner import DefaultPartitioner

from schemas.partitions import partition_of


def test_keys_lie_where_kafkas_default_partitioner_puts_them():
    partitioner, partitions = DefaultPartitioner(), list(range(12))
    keys = [f"{kind}:{crc32(bytes([n]))}-é{n}".encode() for n in range(200) for kind in "ua"]

    assert [partition_of(key, 12) for key in keys] == [partitioner(key, partitions, partitions) for key in keys]
