"""Writes scalars as TensorBoard event files, without needing TensorBoard."""

import struct


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def _masked_crc(data):
    """The checksum of TFRecord files: CRC-32C, rotated and shifted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def _field(number, data):
    return _varint(number << 3 | 2) + _varint(len(data)) + data


class EventWriter:
    """One file of events. The wall time is left at zero, so that two runs write the same bytes."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self._write(_field(3, b"brain.Event:2"))

    def add_scalar(self, tag, value, step):
        value = _field(1, tag.encode()) + b"\x15" + struct.pack("<f", value)
        self._write(b"\x10" + _varint(step) + _field(5, _field(1, value)))

    def _write(self, event):
        event = b"\x09" + struct.pack("<d", 0.0) + event
        head = struct.pack("<Q", len(event))
        self.file.write(head + struct.pack("<I", _masked_crc(head)) + event + struct.pack("<I", _masked_crc(event)))

    def close(self):
        self.file.close()
