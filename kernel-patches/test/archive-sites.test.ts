// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import {
	parseDeb822Sources,
	parseIndexTargets,
	parseMirrorList,
	parseSourcesList,
} from '../src/archive-sites.js';

test('takes Debian archives, once each, and no others from apt-get indextargets', (t) => {
	const text = [
		'http://mirror.example/debian/\tDebian\tDebian\tmain',
		'http://mirror.example/debian/\tDebian\tDebian\tmain',
		'http://mirror.example/debian/\tDebian\tDebian\tcontrib',
		'http://mirror.example/debian-security/\tDebian\tDebian-Security\tmain',
		'https://other.example/apt/\tOther\tOther\tmain',
		'https://second.example/debian/\tDebian\tDebian Backports\tmain',
		'',
	].join('\n');
	t.deepEqual(parseIndexTargets(text), [
		'http://mirror.example/debian',
		'https://second.example/debian',
	]);
});

test('finds nothing in an empty answer', (t) => {
	t.deepEqual(parseIndexTargets(''), []);
});

test('reads one-line sources', (t) => {
	const text = [
		'# deb http://commented.example/debian bookworm main',
		'deb http://one.example/debian bookworm main',
		'deb-src http://sources.example/debian bookworm main',
		'deb [arch=amd64 signed-by=/k.gpg] https://two.example/debian/ bookworm main contrib',
		'deb http://security.example/debian-security bookworm-security main',
		'deb https://third.example/cloud-sdk stable main',
	].join('\n');
	t.deepEqual(parseSourcesList(text), ['http://one.example/debian', 'https://two.example/debian']);
});

test('reads deb822 sources: comments, several addresses, folded and disabled stanzas', (t) => {
	const text = [
		'Types: deb deb-src',
		'# URIs: http://commented.example/debian',
		'URIs: http://one.example/debian/',
		'  https://two.example/debian',
		'Suites: bookworm bookworm-updates',
		'Components: main',
		'',
		'Types: deb',
		'URIs: http://off.example/debian',
		'Enabled: no',
		'Suites: sid',
		'',
		'types: deb-src',
		'URIs: http://sources.example/debian',
		' \t',
		'Types: deb',
		'uris: mirror+file:///etc/apt/mirrors/debian.list',
	].join('\n');
	t.deepEqual(parseDeb822Sources(text), [
		'http://one.example/debian',
		'https://two.example/debian',
		'mirror+file:///etc/apt/mirrors/debian.list',
	]);
});

test('reads a list of mirrors', (t) => {
	const text = '# comment\nhttps://one.example/debian/\tpriority:1\nhttps://two.example/debian\n';
	t.deepEqual(parseMirrorList(text), ['https://one.example/debian', 'https://two.example/debian']);
});
