// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from './user-error.js';

/** A line of a patch file. */
export interface PatchLine {
	/** Counted from 1, in the patch file. */
	line: number;
	text: string;
}

/** A line that a patch adds. */
export interface AddedLine extends PatchLine {
	/** Counted from 1, in the file as it is after the patch. */
	fileLine: number;
}

/** What a patch does to one file. */
export interface PatchedFile {
	/** Its path in the tree after the patch; of a file that is deleted, before it. */
	path: string;
	/** Of the line with `diff --git`, counted from 1. */
	line: number;
	isNew: boolean;
	isDeleted: boolean;
	/** Hash of the file's content before the patch, as the patch gives it; zeros for a new file. */
	before: string;
	added: AddedLine[];
}

/** A stored patch, taken apart. */
export interface Patch {
	file: string;
	/** The file's name. */
	name: string;
	/** The whole text. */
	text: string;
	/** Fields by name in small letters; folded lines are joined. */
	header: ReadonlyMap<string, PatchLine>;
	/** Without the part in brackets. */
	subject: string;
	/** The lines between the header and `---`, or of a cover letter all that is below the header. */
	body: PatchLine[];
	files: PatchedFile[];
}

/** Reads the fields of a mail's header. */
function parseHeader(lines: readonly PatchLine[]): Map<string, PatchLine> {
	const header = new Map<string, PatchLine>();
	let last: PatchLine | undefined;
	for (const { line, text } of lines) {
		const [, name, value] = /^([\w-]+):[ \t]*(.*)$/.exec(text) ?? [];
		if (/^[ \t]/.test(text) && last !== undefined) {
			last.text += ` ${text.trim()}`;
		} else if (name !== undefined) {
			last = { line, text: value ?? '' };
			header.set(name.toLowerCase(), last);
		}
	}
	return header;
}

/** Notes what a line of a diff outside of its hunks says about the file. */
function readDiffHeader(file: PatchedFile, text: string): void {
	file.isNew ||= text.startsWith('new file mode ');
	file.isDeleted ||= text.startsWith('deleted file mode ');
	file.before = /^index ([0-9a-f]+)\.\./.exec(text)?.[1] ?? file.before;
}

/** Takes the diffs of a patch apart. */
function parseDiffs(lines: readonly PatchLine[]): PatchedFile[] {
	const files: PatchedFile[] = [];
	let [before, after, fileLine] = [0, 0, 0];
	for (const { line, text } of lines) {
		const file = files.at(-1);
		const [, beforeCount = '1', start, afterCount = '1'] =
			/^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text) ?? [];
		const name = /^diff --git a\/.* b\/(.*)$/.exec(text)?.[1];
		if (before > 0 || after > 0) {
			if (text.startsWith('+')) {
				file?.added.push({ line, fileLine, text: text.slice(1) });
			}
			before -= /^[ -]/.test(text) || text === '' ? 1 : 0;
			after -= /^[ +]/.test(text) || text === '' ? 1 : 0;
			fileLine += text.startsWith('-') || text.startsWith('\\') ? 0 : 1;
		} else if (start !== undefined) {
			[before, after, fileLine] = [Number(beforeCount), Number(afterCount), Number(start)];
		} else if (name !== undefined) {
			files.push({ path: name, line, isNew: false, isDeleted: false, before: '', added: [] });
		} else if (file !== undefined) {
			readDiffHeader(file, text);
		}
	}
	return files;
}

/**
 * Takes a mail with a patch, or a cover letter, apart.
 * @throws UserError if it has no header with a subject
 */
export function parsePatch(file: string, text: string): Patch {
	const lines = text.split('\n').map((each, index) => ({ line: index + 1, text: each }));
	const headerEnd = lines.findIndex((each) => each.text === '');
	const header = parseHeader(lines.slice(0, headerEnd));
	const subject = header.get('subject')?.text;
	if (subject === undefined) {
		throw new UserError(`${file} has no Subject: line before its first empty line`);
	}
	const diff = lines.findIndex((each) => each.text.startsWith('diff --git '));
	const rest = lines.slice(headerEnd + 1, diff === -1 ? undefined : diff);
	const bodyEnd = diff === -1 ? -1 : rest.findIndex((each) => each.text === '---');
	return {
		file,
		name: path.basename(file),
		text,
		header,
		subject: subject.replace(/^\[[^\]]*\]\s*/, ''),
		body: bodyEnd === -1 ? rest : rest.slice(0, bodyEnd),
		files: diff === -1 ? [] : parseDiffs(lines.slice(diff)),
	};
}

/** Reads a patch file and takes it apart. */
export async function readPatch(file: string): Promise<Patch> {
	return parsePatch(file, await readFile(file, 'utf8'));
}

/** The file of the tree that a line of the patch file is about, and the line in it, if there is one. */
export function locate(
	patch: Patch,
	line: number,
): { path: string; fileLine: number | undefined } | undefined {
	const file = patch.files.findLast((each) => each.line <= line);
	const added = file?.added.find((each) => each.line === line);
	return file && { path: file.path, fileLine: added?.fileLine };
}
