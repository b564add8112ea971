// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of D-Bus as bytes, either byte order, with every part chosen: wrong ones too.
 */

/** In which order a message's numbers have their bytes. */
export type ByteOrder = 'little' | 'big';

/** The types of messages, as the specification numbers them. */
export const messageType = { call: 1, return: 2, error: 3, signal: 4 } as const;

/** The fields of a header, as the specification numbers them. */
export const fieldCode = {
	path: 1,
	interface: 2,
	member: 3,
	errorName: 4,
	replySerial: 5,
	destination: 6,
	sender: 7,
	signature: 8,
	unixFds: 9,
} as const;

/** A name of a field. */
export type FieldName = keyof typeof fieldCode;

/** A field of the header as it is written: object path, string, signature, or number. */
export type HeaderField =
	| { code: number; type: 'o' | 's' | 'g'; value: string }
	| { code: number; type: 'u'; value: number };

/** All that a message is made of. */
export interface MessageParts {
	/** Little where left out. */
	order?: ByteOrder;
	type: number;
	/** 0 where left out. */
	flags?: number;
	/** 1 where left out. */
	version?: number;
	serial: number;
	/** In the order in which they are written. */
	fields: readonly HeaderField[];
	body?: Buffer;
}

/** A message as it came. */
export interface Received {
	bytes: Buffer;
	order: ByteOrder;
	type: number;
	flags: number;
	serial: number;
	fields: readonly HeaderField[];
	body: Buffer;
}

/** The flag of a call that wants no reply. */
export const noReplyExpected = 1;

const fixedLength = 16;

/** Writes values one behind another, each where its alignment wants it. */
export interface Writer {
	align: (alignment: number) => void;
	byte: (value: number) => void;
	u16: (value: number) => void;
	u32: (value: number) => void;
	u64: (value: bigint) => void;
	/** A string or an object path. */
	text: (value: string) => void;
	signature: (value: string) => void;
	/** An array, whose length is written when its elements have been. */
	array: (alignment: number, writeElements: () => void) => void;
	bytes: () => Buffer;
}

/** What has been written, in a buffer that is replaced by a larger one when it is full. */
interface Written {
	buffer: Buffer;
	length: number;
}

/** Makes room for more, all zeros; returns where it begins. */
function reserve(written: Written, count: number): number {
	const at = written.length;
	written.length += count;
	if (written.length > written.buffer.length) {
		const more = Buffer.alloc(written.buffer.length + count);
		written.buffer = Buffer.concat([written.buffer, more]);
	}
	return at;
}

function pad(written: Written, alignment: number): void {
	reserve(written, -written.length & (alignment - 1));
}

/** Makes room for a number, which is aligned to its size. */
function reserveNumber(written: Written, size: number): number {
	pad(written, size);
	return reserve(written, size);
}

/** Writes a string's bytes and the NUL that ends it. */
function writeTerminated(written: Written, value: string): void {
	const bytes = Buffer.from(value);
	const at = reserve(written, bytes.length + 1);
	bytes.copy(written.buffer, at);
}

function setU32({ buffer }: Written, at: number, value: number, order: ByteOrder): void {
	if (order === 'little') {
		buffer.writeUInt32LE(value, at);
	} else {
		buffer.writeUInt32BE(value, at);
	}
}

function writeU16(written: Written, value: number, order: ByteOrder): void {
	const at = reserveNumber(written, 2);
	if (order === 'little') {
		written.buffer.writeUInt16LE(value, at);
	} else {
		written.buffer.writeUInt16BE(value, at);
	}
}

/** Returns where the number is. */
function writeU32(written: Written, value: number, order: ByteOrder): number {
	const at = reserveNumber(written, 4);
	setU32(written, at, value, order);
	return at;
}

function writeU64(written: Written, value: bigint, order: ByteOrder): void {
	const at = reserveNumber(written, 8);
	if (order === 'little') {
		written.buffer.writeBigUInt64LE(value, at);
	} else {
		written.buffer.writeBigUInt64BE(value, at);
	}
}

/** Begins where everything is aligned, as a body does, or a header behind its fixed part. */
export function createWriter(order: ByteOrder): Writer {
	const written: Written = { buffer: Buffer.alloc(256), length: 0 };
	const byte = (value: number): void => {
		const at = reserve(written, 1);
		written.buffer[at] = value;
	};
	return {
		align: (alignment) => {
			pad(written, alignment);
		},
		byte,
		u16: (value) => {
			writeU16(written, value, order);
		},
		u32: (value) => {
			writeU32(written, value, order);
		},
		u64: (value) => {
			writeU64(written, value, order);
		},
		text: (value) => {
			writeU32(written, Buffer.byteLength(value), order);
			writeTerminated(written, value);
		},
		signature: (value) => {
			byte(value.length);
			writeTerminated(written, value);
		},
		array: (alignment, writeElements) => {
			const lengthAt = writeU32(written, 0, order);
			pad(written, alignment);
			const start = written.length;
			writeElements();
			setU32(written, lengthAt, written.length - start, order);
		},
		bytes: () => Buffer.from(written.buffer.subarray(0, written.length)),
	};
}

function writeField(writer: Writer, { code, type, value }: HeaderField): void {
	writer.align(8);
	writer.byte(code);
	writer.signature(type);
	if (type === 'u') {
		writer.u32(value);
	} else if (type === 'g') {
		writer.signature(value);
	} else {
		writer.text(value);
	}
}

/** Writes a message, whatever it is made of. */
export function encodeMessage(parts: MessageParts): Buffer {
	const { order = 'little', type, flags = 0, version = 1, serial, fields } = parts;
	const { body = Buffer.alloc(0) } = parts;
	const writer = createWriter(order);
	for (const byte of [order === 'little' ? 0x6c : 0x42, type, flags, version]) {
		writer.byte(byte);
	}
	writer.u32(body.length);
	writer.u32(serial);
	writer.array(8, () => {
		for (const field of fields) {
			writeField(writer, field);
		}
	});
	// The padding behind the last field is not counted with the fields.
	writer.align(8);
	return Buffer.concat([writer.bytes(), body]);
}

function orderOf(buffer: Buffer): ByteOrder {
	const first = buffer[0];
	if (first !== 0x6c && first !== 0x42) {
		throw new Error(`a message must begin with l or B, it begins with byte ${first}`);
	}
	return first === 0x6c ? 'little' : 'big';
}

/** Reads a number of 32 bits. */
export function readU32(buffer: Buffer, at: number, order: ByteOrder): number {
	return order === 'little' ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at);
}

function align(length: number, alignment: number): number {
	return Math.ceil(length / alignment) * alignment;
}

/** How long the message is that begins there; undefined as long as that can't be told. */
export function messageLength(buffer: Buffer): number | undefined {
	if (buffer.length < fixedLength) {
		return undefined;
	}
	const order = orderOf(buffer);
	return align(fixedLength + readU32(buffer, 12, order), 8) + readU32(buffer, 4, order);
}

function readField(buffer: Buffer, at: number, order: ByteOrder): [HeaderField, end: number] {
	const code = buffer.readUInt8(at);
	const type = String.fromCharCode(buffer.readUInt8(at + 2));
	const value = at + 4;
	switch (type) {
		case 'u': {
			return [{ code, type, value: readU32(buffer, value, order) }, value + 4];
		}
		case 'g': {
			const end = value + 1 + buffer.readUInt8(value);
			return [{ code, type, value: buffer.toString('latin1', value + 1, end) }, end + 1];
		}
		case 'o':
		case 's': {
			const end = value + 4 + readU32(buffer, value, order);
			return [{ code, type, value: buffer.toString('utf8', value + 4, end) }, end + 1];
		}
		default: {
			throw new Error(`a field of a header must be of the type o, s, g or u, not "${type}"`);
		}
	}
}

/** Takes a whole message apart. */
export function decodeMessage(bytes: Buffer): Received {
	const order = orderOf(bytes);
	const end = fixedLength + readU32(bytes, 12, order);
	const fields: HeaderField[] = [];
	for (let at = fixedLength; at < end;) {
		const [field, next] = readField(bytes, align(at, 8), order);
		fields.push(field);
		at = next;
	}
	return {
		bytes,
		order,
		type: bytes.readUInt8(1),
		flags: bytes.readUInt8(2),
		serial: readU32(bytes, 8, order),
		fields,
		body: bytes.subarray(align(end, 8)),
	};
}

/**
 * Takes the whole messages off the front of a stream's bytes.
 * @returns them, and the rest, of which more is to come
 * @throws Error if where a message must begin, or in one, is what can't be there
 */
export function takeMessages(stream: Buffer): { messages: Received[]; rest: Buffer } {
	const messages: Received[] = [];
	let rest = stream;
	let length = messageLength(rest);
	while (length !== undefined && rest.length >= length) {
		messages.push(decodeMessage(rest.subarray(0, length)));
		rest = rest.subarray(length);
		length = messageLength(rest);
	}
	return { messages, rest };
}

/** What a field of a message that came says in words; undefined where it isn't there. */
export function fieldText({ fields }: Received, name: FieldName): string | undefined {
	const value = fields.find(({ code }) => code === fieldCode[name])?.value;
	return typeof value === 'string' ? value : undefined;
}

/** To which serial a message that came replies; 0 where it replies to none. */
export function replySerialOf({ fields }: Received): number {
	const value = fields.find(({ code }) => code === fieldCode.replySerial)?.value;
	return typeof value === 'number' ? value : 0;
}
