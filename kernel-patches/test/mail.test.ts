// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureAppliedCommit } from '../src/applied-commit.js';
import { git } from '../src/git.js';
import { addressField, parseAddress, parseSender } from '../src/mail/address.js';
import { parseChanges } from '../src/mail/changes.js';
import { mailPrefix, mailSeries, type MailOptions } from '../src/mail/mail-series.js';
import { parseMaintainers, tidyRecipients } from '../src/mail/recipients.js';
import { verifyMails } from '../src/mail/verify.js';
import { tryRun } from '../src/run.js';
import { diffSeries } from '../src/series-diff.js';
import { stackedSource } from '../src/stacked-source.js';
import { UserError } from '../src/user-error.js';
import { openUsersTree } from '../src/users-tree.js';
import { libraryText, openMailWorkshop, type MailWorkshop } from './helpers/mail-workshop.js';
import { createRecorder } from './helpers/recorder.js';
import { makeTemporaryFolder } from './helpers/temporary.js';
import { commitAll, writeIn } from './helpers/tiny-linux.js';

const sender = { name: 'Zoë Sender', address: 'zoe@sender.org' };
const signOff = 'Signed-off-by: Zoë Sender <zoe@sender.org>';

interface Mailed {
	out: string;
	/** Texts of the mails, in order. */
	mails: string[];
	commands: string[];
}

/** Makes the mails of a series. */
async function mail(
	t: ExecutionContext,
	{ source, series }: MailWorkshop,
	name: string,
	options: Partial<MailOptions> = {},
): Promise<Mailed> {
	const out = options.out ?? path.join(await makeTemporaryFolder(t), 'mails');
	const all = { sender, version: 1, rfc: false, assistedBy: [], ...options, out };
	const { names, commands } = await mailSeries(source, await series(name), all, createRecorder());
	const files = (await readdir(out)).toSorted();
	t.deepEqual(files, names);
	const mails = files.map((file) => readFile(path.join(out, file), 'utf8'));
	return { out, mails: await Promise.all(mails), commands };
}

/** mail has it try each folder; where it is missing, so is what can be shown. */
const sendEmail = (await tryRun('git', ['send-email', '-h'])).stderr.includes(
	'is not a git command',
)
	? test.serial.skip
	: test.serial;

sendEmail('mails are signed off, addressed and threaded, and have the version', async (t) => {
	const workshop = await openMailWorkshop(t);
	const assistedBy = ['sparse', 'LLM coccinelle'];
	const { mails, commands, out } = await mail(t, workshop, 'b', { assistedBy });
	const [cover = '', first = '', second = '', ...others] = mails;
	t.deepEqual(others, []);
	t.regex(cover, /^Subject: \[PATCH net-next 0\/2\] mm: series b$/m);
	t.regex(first, /^Subject: \[PATCH net-next 1\/2\] mm: add b$/m);
	for (const each of mails) {
		t.regex(each, /^From: =\?UTF-8\?q\?Zo=C3=AB_Sender\?= <zoe@sender\.org>$/m);
	}
	const tools = 'Assisted-by: sparse\nAssisted-by: LLM coccinelle\n';
	t.true(first.includes(`\nCc: Bob <bob@example.org>\n${tools}${signOff}\n---\n`));
	t.true(second.includes(`\nWhy.\n\n${tools}${signOff}\n---\n`));
	// Who has no maintainer asks the first list; the cover letter asks everybody.
	t.regex(
		first,
		/^To: =\?UTF-8\?q\?Zo=C3=AB_Zeta\?= <zoe@mm\.org>\nCc: netdev@example\.org,\n\tlist@mm\.org,\n\tada@mm\.org\n/m,
	);
	t.regex(second, /^To: netdev@example\.org\nCc: list@mm\.org,\n\tada@mm\.org\n/m);
	t.regex(
		cover,
		/^To: =\?UTF-8\?q\?Zo=C3=AB_Zeta\?= <zoe@mm\.org>,\n\tnetdev@example\.org\nCc: list@mm\.org,\n\tada@mm\.org\n/m,
	);
	const [, id = ''] = /^Message-ID: (<.*-b-v1-0-.*@sender\.org>)$/m.exec(cover) ?? [];
	t.false(/^In-Reply-To:/m.test(cover));
	t.true(
		[first, second].every((each) => each.includes(`\nIn-Reply-To: ${id}\nReferences: ${id}\n\n`)),
	);
	t.is(new Set(mails.map((each) => /^Message-ID: .*$/m.exec(each)?.[0])).size, 3);
	t.true(cover.includes(`\nThe case.\n\n${tools}\nZoë Sender (2):\n`));
	t.regex(
		cover,
		/\n\nbase: Linux 7\.3\.4, as Debian's .*, and the series a on it\nprerequisite-patch-id: [0-9a-f]{40}\n$/,
	);
	const [send = '', tag = ''] = commands;
	t.true(send.startsWith("git send-email '--from=Zoë Sender <zoe@sender.org>' --no-thread "));
	t.true(send.endsWith(` ${out}/*.patch`));
	t.true(tag.includes(`Link: https://lore.kernel.org/r/${id.slice(1, -1)}' sent/b/v1 `));
});

sendEmail('git am of the mails makes the tree that was tested', async (t) => {
	const workshop = await openMailWorkshop(t);
	const { source, series } = workshop;
	const { out } = await mail(t, workshop, 'b');
	const report = createRecorder();
	const below = await stackedSource(source, await series('b'), report);
	const clone = path.join(await makeTemporaryFolder(t), 'clone');
	await git('/', ['clone', '--quiet', '--no-checkout', source.repository, clone]);
	await git(clone, ['fetch', '--quiet', 'origin', '+refs/fastipc/*:refs/fastipc/*']);
	await git(clone, ['checkout', '--quiet', '--detach', below.commit]);
	const patches = (await readdir(out)).filter((name) => !name.startsWith('0000')).toSorted();
	await git(clone, ['am', '--quiet', ...patches.map((name) => path.join(out, name))]);
	const tested = await ensureAppliedCommit(source, [await series('a'), await series('b')], report);
	const treeOf = async (commit: string): Promise<string> =>
		git(clone, ['rev-parse', `${commit}^{tree}`]);
	t.is(await treeOf('HEAD'), await treeOf(tested));
	t.is(await git(clone, ['log', '-1', '--format=%an <%ae>']), 'Zoë Sender <zoe@sender.org>\n');
});

sendEmail(
	"for a maintainer's tree the base is its commit, and the patches below by their ids",
	async (t) => {
		const workshop = await openMailWorkshop(t);
		const tree = path.join(await makeTemporaryFolder(t), 'linux');
		await git('/', ['clone', '--quiet', workshop.source.repository, tree]);
		await writeIn(tree, 'mm/other.c', 'int other;\n');
		await commitAll(tree, 'mm: add other');
		const theirs = await openUsersTree(tree, createRecorder());
		const { mails } = await mail(t, { ...workshop, source: theirs }, 'b');
		const [cover = ''] = mails;
		const below = await ensureAppliedCommit(theirs, [await workshop.series('a')], createRecorder());
		const patch = await git(theirs.repository, ['diff-tree', '--patch', '--full-index', below]);
		const [id = ''] = (
			await git(theirs.repository, ['patch-id', '--stable'], { input: patch })
		).split(' ');
		t.true(cover.endsWith(`\n\nbase-commit: ${theirs.commit}\nprerequisite-patch-id: ${id}\n`));
		const head = (await git(tree, ['rev-parse', 'HEAD'])).trim();
		t.is(theirs.commit, head);
		t.not(head, workshop.source.commit);
	},
);

sendEmail('a second version says what changed, by word and by range-diff', async (t) => {
	const workshop = await openMailWorkshop(t);
	const { commands } = await mail(t, workshop, 'b');
	const changes = { 'changes.md': '## v2\n\n- Make it longer.\n\n## v3\n\n- Not yet.\n' };
	const unknown = await t.throwsAsync(mail(t, workshop, 'b', { version: 2 }), {
		instanceOf: UserError,
	});
	t.regex(unknown.message, /write it into .*\/b\/changes\.md, below a line "## v2"/);
	await workshop.change('b', libraryText.replace('int b7', 'long b7'), changes);
	const untagged = await t.throwsAsync(mail(t, workshop, 'b', { version: 2 }), {
		instanceOf: UserError,
	});
	t.regex(untagged.message, /the repository has no annotated tag sent\/b\/v1/);
	// As printed, but for the words of the shell
	const [, id = '', name = '', revision = ''] =
		/'--message=(Link: \S+)' (sent\/b\/v1) ([0-9a-f]{40})$/.exec(commands[1] ?? '') ?? [];
	await git(workshop.root, ['tag', '--annotate', `--message=${id}`, name, revision]);
	const { mails } = await mail(t, workshop, 'b', { version: 2, rfc: true });
	const [cover = '', first = '', second = ''] = mails;
	// A thread of its own: nothing answers a mail of version 1, and who has that finds the link.
	const [, ownId = ''] = /^Message-ID: (<.*-b-v2-0-.*@sender\.org>)$/m.exec(cover) ?? [];
	t.notRegex(cover, /^(?:In-Reply-To|References):/m);
	for (const each of [first, second]) {
		t.true(each.includes(`\nIn-Reply-To: ${ownId}\nReferences: ${ownId}\n\n`));
	}
	t.false(mails.some((each) => /^(?:In-Reply-To|References):.*-v1-/m.test(each)));
	t.notRegex(cover, /^Assisted-by:/m);
	t.regex(cover, /^Subject: \[RFC PATCH net-next v2 0\/2\]/m);
	t.regex(second, /^Subject: \[RFC PATCH net-next v2 2\/2\]/m);
	t.true(
		cover.includes(
			`\nThe case.\n\nChanges in v2:\n\n- Make it longer.\n\nLink to v1: ${id.slice(6)}\n\n`,
		),
	);
	t.false(cover.includes('Not yet'));
	t.regex(cover, /\nRange-diff against v1:\n1: .* = 1: .* mm: add b\n2: .* ! 2: .* lib: add b\n/);
	t.regex(cover, /^ +-\+int b7;\n +\+\+long b7;$/m);
});

sendEmail('a series that changed and is not committed is not mailed', async (t) => {
	const workshop = await openMailWorkshop(t);
	await writeFile(path.join(workshop.root, 'b', 'notes.md'), 'x\n');
	await t.throwsAsync(mail(t, workshop, 'b'), {
		instanceOf: UserError,
		message: /changes that are not committed.*\n.*notes\.md/,
	});
});

sendEmail(
	'where mailing fails nothing is left behind, and what is there is not touched',
	async (t) => {
		const workshop = await openMailWorkshop(t);
		const folder = await makeTemporaryFolder(t);
		const out = path.join(folder, 'mails');
		await workshop.change('a', 'int nobody;\n');
		await t.throwsAsync(mail(t, workshop, 'a', { out }), { message: /no idea/ });
		t.deepEqual(await readdir(folder), []);
		await workshop.change('a', 'int somebody;\n');
		await mail(t, workshop, 'a', { out });
		const before = await readdir(out);
		await t.throwsAsync(mail(t, workshop, 'a', { out }), { message: /is there already/ });
		t.deepEqual(await readdir(out), before);
	},
);

sendEmail('mails that make another tree, or lack a sign-off, are refused', async (t) => {
	const workshop = await openMailWorkshop(t);
	const { source, series } = workshop;
	const { out } = await mail(t, workshop, 'a');
	const report = createRecorder();
	const tip = await ensureAppliedCommit(source, [await series('a')], report);
	const prepared = { series: await series('a'), source, tip };
	const files = (await readdir(out)).toSorted().map((name) => path.join(out, name));
	const patch = files[1] ?? '';
	const text = await readFile(patch, 'utf8');
	await t.notThrowsAsync(verifyMails(prepared, files, sender, report));
	await writeFile(patch, text.replace('+int a;', '+int b;'));
	await t.throwsAsync(verifyMails(prepared, files, sender, report), {
		message: /don't make the tree that was tested:\n mm\/a\.c[^]*series -- export a\), and run/,
	});
	await writeFile(patch, text.replace(`\n${signOff}`, ''));
	await t.throwsAsync(verifyMails(prepared, files, sender, report), {
		message: /ends with "Why\.", expected "Signed-off-by: Zoë Sender/,
	});
});

test.serial('diff shows what changed in the code since a revision', async (t) => {
	const workshop = await openMailWorkshop(t);
	const { source, series } = workshop;
	const report = createRecorder();
	t.is(await diffSeries(source, await series('a'), 'HEAD', report), '');
	await workshop.change('a', 'long a;\n');
	t.is(await diffSeries(source, await series('a'), 'HEAD', report), '');
	const difference = await diffSeries(source, await series('a'), 'HEAD~1', report);
	t.regex(
		difference,
		/^diff --git a\/mm\/a\.c b\/mm\/a\.c\n.*\n--- a\/mm\/a\.c\n\+\+\+ b\/mm\/a\.c\n@@ -1 \+1 @@\n-int a;\n\+long a;\n$/,
	);
	// What the series below changed is not the series' own.
	t.is(await diffSeries(source, await series('b'), 'HEAD~1', report), '');
	await t.throwsAsync(diffSeries(source, await series('a'), 'nonsense', report), {
		instanceOf: UserError,
		message: /rev-parse --verify nonsense/,
	});
});

test('takes addresses apart', (t) => {
	t.deepEqual(parseAddress('Ada B. <a@b.org>'), { name: 'Ada B.', address: 'a@b.org' });
	t.deepEqual(parseAddress('"Ada, B." <a@b.org>'), { name: 'Ada, B.', address: 'a@b.org' });
	t.deepEqual(parseAddress('a@b.org'), { name: '', address: 'a@b.org' });
	for (const text of ['Ada', 'Ada a@b.org', '<a@b>, <c@d>', 'Ada <a b@c>', '']) {
		t.is(parseAddress(text), undefined, text);
	}
});

test('a sender has a name, and an address that mail reaches', (t) => {
	t.is(parseSender('Ada <ada@kernel.org>').address, 'ada@kernel.org');
	for (const [text, message] of [
		['ada@kernel.org', /expected "Name <address>"/],
		['Ada', /expected "Name <address>"/],
		['Ada <ada@fastipc.invalid>', /no mail reaches ada@fastipc\.invalid/],
		['Ada <ada@localhost>', /no mail reaches/],
	] as const) {
		t.throws(() => parseSender(text), { instanceOf: UserError, message });
	}
});

test('addresses stand in headers as mail has them', (t) => {
	const addresses = [
		{ name: 'Zoë "Z" Zeta', address: 'z@z.org' },
		{ name: 'Bob B. "Bo" Builder', address: 'b@b.org' },
		{ name: '', address: 'l@l.org' },
	];
	t.deepEqual(addressField('Cc', addresses), [
		'Cc: =?UTF-8?q?Zo=C3=AB_=22Z=22_Zeta?= <z@z.org>,',
		String.raw`	"Bob B. \"Bo\" Builder" <b@b.org>,`,
		'	l@l.org',
	]);
	t.deepEqual(addressField('Cc', []), []);
});

test('maintainers are asked, the others are told, each once', (t) => {
	const output = `Ada <a@b.org> (maintainer:MM - THINGS (ALL))
"Bob B." <b@b.org> (supporter:X)
ADA <A@B.org> (reviewer:Y)
l@l.org (open list:MM)
`;
	const { to, cc } = tidyRecipients(parseMaintainers(output));
	t.deepEqual(
		[to, cc].map((some) => some.map(({ address }) => address)),
		[['a@b.org', 'b@b.org'], ['l@l.org']],
	);
});

test('the brackets have RFC, the tree and the version', (t) => {
	t.is(mailPrefix('PATCH net-next', { rfc: false, version: 1 }), 'PATCH net-next');
	t.is(mailPrefix('PATCH net-next', { rfc: true, version: 3 }), 'RFC PATCH net-next v3');
	t.is(mailPrefix('RFC PATCH net-next v2', { rfc: false, version: 3 }), 'PATCH net-next v3');
});

test('reads what changed by version', (t) => {
	const sections = parseChanges('Notes.\n\n## v3\n- c\n\n## v2\n\n- a\n- b\n');
	t.deepEqual(
		[...sections],
		[
			[3, '- c'],
			[2, '- a\n- b'],
		],
	);
});
