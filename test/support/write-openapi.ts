import { writeFile } from 'node:fs/promises';
import prettier from 'prettier';
import { openapiDocument } from '../../src/api/document.js';
import { packageVersion } from '../../src/version.js';

/** `npm run openapi`: writes docs/openapi.json anew. */
const target = new URL('../../docs/openapi.json', import.meta.url);
const text = JSON.stringify(await openapiDocument(packageVersion));
await writeFile(target, await prettier.format(text, { parser: 'json', printWidth: 130 }));
