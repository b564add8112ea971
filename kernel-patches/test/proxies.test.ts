// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { aptPath, parseAptConfiguration } from '../src/apt-configuration.js';
import { findProxy } from '../src/proxies.js';

const url = new URL('http://mirror.example/debian/pool/file');
const secure = new URL('https://mirror.example/debian/pool/file');

test('connects directly where nothing is configured', (t) => {
	t.is(findProxy(url, new Map(), {}), undefined);
});

test('takes the environment, in small letters or capitals, by scheme', (t) => {
	t.is(findProxy(url, new Map(), { http_proxy: 'http://p:1' }), 'http://p:1');
	t.is(findProxy(url, new Map(), { HTTP_PROXY: 'http://p:2' }), 'http://p:2');
	t.is(findProxy(url, new Map(), { https_proxy: 'http://p:3' }), undefined);
	t.is(findProxy(secure, new Map(), { https_proxy: 'http://p:3' }), 'http://p:3');
});

for (const [exemptions, direct] of [
	['mirror.example', true],
	['.example', true],
	['*', true],
	['other, mirror.example:80', true],
	['mirror.example:443', false],
	['example.org', false],
	['ror.example', false],
] as const) {
	test(`no_proxy=${exemptions} ${direct ? 'exempts' : 'does not exempt'}`, (t) => {
		const found = findProxy(url, new Map(), { http_proxy: 'http://p:1', no_proxy: exemptions });
		t.is(found, direct ? undefined : 'http://p:1');
	});
}

test("apt's own settings come first, those for a host before the general one", (t) => {
	const configuration = parseAptConfiguration(
		[
			'Acquire "";',
			'Acquire::http "";',
			'Acquire::http::Proxy "http://apt:3142";',
			'Acquire::http::Proxy::direct.example "DIRECT";',
			'',
		].join('\n'),
	);
	const environment = { http_proxy: 'http://p:1' };
	t.is(findProxy(url, configuration, environment), 'http://apt:3142');
	t.is(findProxy(secure, configuration, environment), 'http://apt:3142');
	t.is(findProxy(new URL('http://direct.example/'), configuration, environment), undefined);
});

test("resolves apt's paths level by level", (t) => {
	const configuration = parseAptConfiguration(
		'Dir "/";\nDir::Etc "etc/apt";\nDir::Etc::sourcelist "sources.list";\nDir::Etc::sourceparts "/elsewhere";\n',
	);
	t.is(aptPath(configuration, 'Dir::Etc::sourcelist'), '/etc/apt/sources.list');
	t.is(aptPath(configuration, 'Dir::Etc::sourceparts'), '/elsewhere');
});
