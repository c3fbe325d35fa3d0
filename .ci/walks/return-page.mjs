// The code of an app's return page, taken from the API pages themselves: what is walked is what is printed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const EXAMPLE = 'https://api.example.com';

/** The code, with this service in the place of the example's; both pages have the same. */
export async function returnPageCode(root, base) {
  const [english, chinese] = await Promise.all(['docs/api.md', 'docs/api.zh-CN.md'].map((name) => codeIn(path.join(root, name))));
  assert.equal(chinese, english, 'the pages differ in their code');
  assert.equal(english.split(EXAMPLE).length, 2, `the code names ${EXAMPLE} once`);
  return english.replace(EXAMPLE, base);
}

/** The one indented block that reads a completion code. */
export async function codeIn(file) {
  const blocks = (await readFile(file, 'utf8')).split(/\n(?! {4}|\n)/).map((part) => part.match(/(?:^ {4}.*\n?|^\n)+/gm) ?? []).flat();
  const found = blocks.filter((block) => block.includes('completion_code') && block.includes('location.hash'));
  assert.equal(found.length, 1, `${file} has one block of code for a return page`);
  return found[0].replaceAll(/^ {4}/gm, '');
}
