// SPDX-License-Identifier: GPL-2.0-only
import type { AptConfiguration } from './apt-configuration.js';

/** Whether `no_proxy` (names, `.suffixes`, `*`, each with an optional port) covers an address. */
function isExempt(url: URL, exemptions: string): boolean {
	const port = url.port || (url.protocol === 'https:' ? '443' : '80');
	return exemptions
		.split(/[\s,]+/)
		.filter((entry) => entry !== '')
		.some((entry) => {
			const [, name = '', wantedPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
			const covered = entry === '*' || url.hostname === name || url.hostname.endsWith(`.${name}`);
			return covered && (wantedPort === undefined || wantedPort === port);
		});
}

/**
 * The proxy to go through, or undefined to connect directly. As with apt, apt's own settings
 * (`Acquire::http::Proxy::HOST`, `Acquire::http::Proxy`, where `DIRECT` means none; for https the
 * same with https, then with http) come before the environment's `http_proxy`, `https_proxy` and
 * `no_proxy`.
 */
export function findProxy(
	url: URL,
	configuration: AptConfiguration,
	environment: NodeJS.ProcessEnv,
): string | undefined {
	const secure = url.protocol === 'https:';
	const settings = (secure ? ['https', 'http'] : ['http']).flatMap((scheme) => [
		configuration.get(`acquire::${scheme}::proxy::${url.hostname}`),
		configuration.get(`acquire::${scheme}::proxy`),
	]);
	const configured = settings.find((setting) => setting !== undefined && setting !== '');
	if (configured !== undefined) {
		return /^(direct|false)$/i.test(configured) ? undefined : configured;
	}
	const fromEnvironment = (name: string): string | undefined =>
		environment[name] || environment[name.toUpperCase()] || undefined;
	if (isExempt(url, fromEnvironment('no_proxy') ?? '')) {
		return undefined;
	}
	return fromEnvironment(secure ? 'https_proxy' : 'http_proxy');
}
