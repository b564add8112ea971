// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { checkConfig, compareConfig, parseConfig } from '../src/final-config.js';
import { formatFragment, mergeFragments, parseFragment } from '../src/fragments.js';
import { UserError } from '../src/user-error.js';
import { readSample } from './helpers/sample.js';

test('parses every form of a fragment, and passes comments over', (t) => {
	const text = [
		'# prose about CONFIG_A=y and so on',
		'CONFIG_A=y',
		'CONFIG_B=m  ',
		'# CONFIG_C is not set',
		'CONFIG_D=n',
		'CONFIG_E="a string, with # and spaces"',
		'CONFIG_F=""',
		'CONFIG_G=-1',
		'CONFIG_H=0x1000',
		'',
	].join('\n');
	t.deepEqual(
		parseFragment(text, 'x.config').map(({ name, value, line }) => `${line} ${name}=${value}`),
		[
			'2 CONFIG_A=y',
			'3 CONFIG_B=m',
			'4 CONFIG_C=n',
			'5 CONFIG_D=n',
			'6 CONFIG_E="a string, with # and spaces"',
			'7 CONFIG_F=""',
			'8 CONFIG_G=-1',
			'9 CONFIG_H=0x1000',
		],
	);
});

for (const line of [
	'CONFIG_A',
	'CONFIG_A =y',
	'A=y',
	'CONFIG_A=',
	'CONFIG_A="open',
	'CONFIG_A=y z',
]) {
	test(`refuses ${line} and says where`, (t) => {
		const error = t.throws(() => parseFragment(`# c\n${line}\n`, 'x.config'), {
			instanceOf: UserError,
		});
		t.true(error.message.startsWith('x.config:2: '));
	});
}

test('of an option asked for twice, the last one counts', (t) => {
	const merged = mergeFragments([
		parseFragment('CONFIG_A=y\nCONFIG_B=1\n', 'first.config'),
		parseFragment('CONFIG_B=2\n', 'second.config'),
		parseFragment('# CONFIG_A is not set\n', 'third.config'),
	]);
	t.deepEqual(merged, [
		{ name: 'CONFIG_B', value: '2', file: 'second.config', line: 1 },
		{ name: 'CONFIG_A', value: 'n', file: 'third.config', line: 1 },
	]);
	t.is(formatFragment(merged), 'CONFIG_B=2\n# CONFIG_A is not set\n');
});

test('reads a real .config', async (t) => {
	const config = parseConfig(await readSample('final.config.txt'));
	t.is(config.get('CONFIG_CC_VERSION_TEXT'), '"gcc (Debian 12.2.0-14+deb12u1) 12.2.0"');
	t.is(config.get('CONFIG_LOCALVERSION'), '""');
	t.is(config.get('CONFIG_LOCALVERSION_AUTO'), 'n');
	t.is(config.get('CONFIG_IRQ_WORK'), 'y');
	t.is(config.get('CONFIG_PAHOLE_VERSION'), '0');
	t.false(config.has('CONFIG_SQUASHFS'));
});

test('passes a .config that has all that was asked for', async (t) => {
	const text = await readSample('final.config.txt');
	const fragment = [
		'CONFIG_IRQ_WORK=y',
		'# CONFIG_LOCALVERSION_AUTO is not set',
		'CONFIG_WERROR=n',
		'CONFIG_LOCALVERSION=""',
		'CONFIG_INIT_ENV_ARG_LIMIT=32',
		'# CONFIG_NOT_IN_THIS_LINUX is not set',
	].join('\n');
	t.notThrows(() => {
		checkConfig(parseFragment(fragment, 'x.config'), text, '.config');
	});
});

test('names each option that is missing or other, where it was asked for, and what it became', async (t) => {
	const text = await readSample('final.config.txt');
	const requested = parseFragment(
		[
			'CONFIG_SQUASHFS=y',
			'CONFIG_IRQ_WORK=y',
			'# CONFIG_THREAD_INFO_IN_TASK is not set',
			'CONFIG_LOCALVERSION="-x"',
			'CONFIG_INIT_ENV_ARG_LIMIT=64',
			'CONFIG_WERROR=m',
		].join('\n'),
		'x.config',
	);
	t.deepEqual(
		compareConfig(requested, parseConfig(text)).map(({ name, got }) => [name, got]),
		[
			['CONFIG_SQUASHFS', undefined],
			['CONFIG_THREAD_INFO_IN_TASK', 'y'],
			['CONFIG_LOCALVERSION', '""'],
			['CONFIG_INIT_ENV_ARG_LIMIT', '32'],
			['CONFIG_WERROR', 'n'],
		],
	);
	const error = t.throws(
		() => {
			checkConfig(requested, text, '/o/.config');
		},
		{ instanceOf: UserError },
	);
	t.regex(error.message, /^5 option\(s\) did not make it into \/o\/\.config:/);
	t.regex(error.message, /x\.config:1: CONFIG_SQUASHFS=y was asked for; .* it does not appear/);
	t.regex(error.message, /x\.config:5: CONFIG_INIT_ENV_ARG_LIMIT=64 was asked for; .* it is 32/);
});
