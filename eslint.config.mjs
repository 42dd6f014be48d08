// @ts-check
import js from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { globalIgnores } from 'eslint/config';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

/** What is published. n8n's own rules hold here, and no comment can switch a rule off, as in n8n's scanner of published packages. */
const SHIPPED = ['nodes/**/*.ts', 'credentials/**/*.ts'];

/** The one source that loads google-auth-library. */
const GOOGLE_AUTH_LIBRARY_LOADER = 'credentials/GoogleAppsScriptHeadlessApi.credentials.ts';

/** Programs whose output on the console is what they are for. */
const COMMAND_LINE = ['scripts/**', 'demo/**', 'bench/**', 'emulator/cli.ts', 'test/browser/**', 'test/n8n/**'];

/** The names that Node itself defines, for the files that TypeScript does not check. */
const nodeGlobals = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, /** @type {const} */ ('readonly')]));

export default tseslint.config(
	globalIgnores(['dist', 'coverage', '.cache', 'bench/results', 'test/n8n/.app', 'test/n8n/node_modules']),

	{
		linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
		plugins: { 'import-x': importX },
		settings: {
			'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })],
			'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
		},
	},

	{
		files: ['**/*.ts'],
		extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
		languageOptions: { parserOptions: { project: './tsconfig.dev.json', tsconfigRootDir: import.meta.dirname } },
		rules: {
			'no-console': 'error',
			// A number in a message reads as it is written; everything else still has to be turned into text on purpose.
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
			'@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
			'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
			'import-x/no-restricted-paths': [
				'error',
				{
					basePath: import.meta.dirname,
					zones: [
						{ target: ['nodes/**/*', 'credentials/**/*'], from: ['emulator', 'demo', 'bench', 'test', 'scripts'], message: 'This does not ship.' },
						{ target: 'nodes/shared', from: ['nodes/AppsScript', 'nodes/Syncano'], message: 'nodes/shared knows no service.' },
						{ target: 'nodes/AppsScript', from: 'nodes/Syncano', message: 'What both services need is in nodes/shared.' },
						{ target: 'nodes/Syncano', from: 'nodes/AppsScript', message: 'What both services need is in nodes/shared.' },
					],
				},
			],
		},
	},

	{
		files: ['**/*.{js,cjs,mjs}'],
		extends: [js.configs.recommended],
		languageOptions: { globals: nodeGlobals },
		rules: { 'no-console': 'error' },
	},
	{
		files: ['**/*.{js,cjs}'],
		languageOptions: {
			sourceType: 'commonjs',
			globals: { require: 'readonly', module: 'writable', exports: 'writable', __dirname: 'readonly', __filename: 'readonly' },
		},
	},
	{ files: COMMAND_LINE, rules: { 'no-console': 'off' } },

	{
		files: SHIPPED,
		extends: [n8nCommunityNodesPlugin.configs.recommended],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		linterOptions: { noInlineConfig: true },
		rules: {
			// What is not in `dependencies` is not there on the user's machine. acorn is: the build puts it into the one file that imports it.
			'import-x/no-extraneous-dependencies': ['error', { devDependencies: false, peerDependencies: true, whitelist: ['acorn'] }],
		},
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// These two want the texts ['main'], which @n8n/community-nodes/node-connection-type-literal forbids (NodeConnectionTypes.Main),
			// and know neither more than one output nor outputs that depend on a parameter. n8n's own configuration has them off, too.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
		},
	},
	{
		files: ['credentials/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			// Wants a name in camel case, which is for n8n's own pages only. cred-class-field-documentation-url-not-http-url, of the same
			// set, wants an address. n8n's own configuration has it off, too.
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			// Finds nothing sensitive in names such as accountKey, which n8n-nodes-base/cred-class-field-type-options-password-missing wants
			// masked. They are secrets.
			'@n8n/community-nodes/credential-unnecessary-password': 'off',
		},
	},
	{
		files: ['package.json'],
		extends: [n8nCommunityNodesPlugin.configs.recommended],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
		rules: {
			...n8nNodesBase.configs.community.rules,
			// google-auth-library, for sign-in on hosts without a browser, is a runtime dependency by decision. The README says what it costs.
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
		},
	},
	{
		files: [GOOGLE_AUTH_LIBRARY_LOADER],
		rules: {
			// The same decision: this file imports the dependency. What else n8n's rule forbids, the next one still does.
			'@n8n/community-nodes/no-restricted-imports': 'off',
			'no-restricted-syntax': [
				'error',
				{
					selector: ':matches(ImportDeclaration, ImportExpression)[source.value!=/^(n8n-workflow|google-auth-library|node:crypto)$|^\\.\\.?\\//]',
					message: 'Only n8n-workflow, google-auth-library, node:crypto and files of the package.',
				},
			],
		},
	},
);
