// SPDX-License-Identifier: GPL-2.0-only

const driver = 'org.freedesktop.DBus';

function padded(bytes: Buffer, alignment: number): Buffer {
	return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (alignment - 1))]);
}

function u32(value: number): Buffer {
	return Buffer.from(Uint32Array.of(value).buffer);
}

/** A field of the header: its code, and a string or object path. */
function field(code: number, type: 's' | 'o', value: string): Buffer {
	const text = Buffer.from(value);
	return Buffer.concat([
		Buffer.from([code, 1, type.charCodeAt(0), 0]),
		u32(text.length),
		text,
		Buffer.alloc(1),
	]);
}

/** The first message of a client: a call of Hello, with the serial 1, little endian. */
export function helloMessage(): Buffer {
	const fields = [
		field(1, 'o', '/org/freedesktop/DBus'),
		field(2, 's', driver),
		field(3, 's', 'Hello'),
		field(6, 's', driver),
	];
	const array = fields.reduce((all, one) => Buffer.concat([padded(all, 8), one]), Buffer.alloc(0));
	const start = Buffer.from([0x6c, 1, 0, 1]);
	return padded(Buffer.concat([start, u32(0), u32(1), u32(array.length), array]), 8);
}
