// SPDX-License-Identifier: GPL-2.0-only
import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import typescript from 'typescript-eslint';

export default typescript.config(
	{ ignores: ['**/dist/', 'native/build/', 'results/'] },
	eslint.configs.recommended,
	{ languageOptions: { globals: globals.node } },
	{
		files: ['**/*.ts'],
		extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
		languageOptions: {
			parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
		},
		rules: {
			'@typescript-eslint/restrict-template-expressions': [
				'error',
				{ allowNumber: true, allowBoolean: true },
			],
			'@typescript-eslint/prefer-nullish-coalescing': 'off',
			'@typescript-eslint/switch-exhaustiveness-check': 'error',
			'@typescript-eslint/explicit-module-boundary-types': 'error',
			'no-restricted-syntax': [
				'error',
				{
					selector: 'TSAsExpression > TSAnyKeyword',
					message: 'any hides a mistake; check the value at run time.',
				},
			],
		},
	},
	{
		files: ['**/*.test.ts', 'ltp-style-tests/tests/**/*.ts'],
		rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
	},
	prettier,
);
