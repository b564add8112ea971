// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import path from 'node:path';
import { settingFragment } from '../../src/check/long/place.js';
import { findSeries, readSeries, type Series } from '../../src/series.js';
import { storeEmptySeries } from '../helpers/stored-series.js';
import { makeTemporaryFolder } from '../helpers/temporary.js';

/** What the fragments say about options with such names: on, as a module, off. */
async function linesAbout(series: Series, name: RegExp): Promise<string[][]> {
	const fragments = (['on', 'module', 'off'] as const).map((each) => settingFragment(series, each));
	return (await Promise.all(fragments)).map((text) =>
		text.split('\n').filter((line) => name.test(line)),
	);
}

test('a series that adds no option is compiled with that of the one below in each way', async (t) => {
	const root = await makeTemporaryFolder(t);
	for (const description of [
		{ title: 'bottom', options: ['CONFIG_TINY_BOTTOM'] },
		{ title: 'middle', options: ['CONFIG_TINY_MIDDLE'], after: 'bottom' },
		{ title: 'top', after: 'middle' },
	]) {
		await storeEmptySeries(path.join(root, description.title), description);
	}
	const top = await readSeries(path.join(root, 'top'));
	t.deepEqual(await linesAbout(top, /CONFIG_TINY_/), [
		['CONFIG_TINY_MIDDLE=y'],
		['CONFIG_TINY_MIDDLE=m'],
		['# CONFIG_TINY_MIDDLE is not set'],
	]);
});

test('direct delivery is compiled with AF_DBUS on, as a module and off', async (t) => {
	const series = await findSeries('af-dbus-direct');
	t.deepEqual(await linesAbout(series, /CONFIG_AF_DBUS\b/), [
		['CONFIG_AF_DBUS=y'],
		['CONFIG_AF_DBUS=m'],
		['# CONFIG_AF_DBUS is not set'],
	]);
	const off = ['# CONFIG_KUNIT is not set'];
	t.deepEqual(await linesAbout(series, /CONFIG_KUNIT\b/), [['CONFIG_KUNIT=y'], off, off]);
});

test('the security modules that have families of sockets in them are compiled', async (t) => {
	const fragment = await settingFragment(await findSeries('af-dbus'), 'on');
	for (const name of ['SELINUX', 'SMACK', 'TOMOYO', 'APPARMOR']) {
		t.true(fragment.includes(`CONFIG_SECURITY_${name}=y\n`), name);
	}
});
