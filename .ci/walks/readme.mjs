// The README's code for an app's return page, taken from the READMEs themselves: what is walked is what is printed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const EXAMPLE = 'https://api.example.com';

/** The code, with this service in the place of the example's; both READMEs have the same, comments aside. */
export async function returnPageCode(root, base) {
  const [english, chinese] = await Promise.all(['README.md', 'README.zh-CN.md'].map((name) => codeIn(path.join(root, name))));
  assert.equal(withoutComments(chinese), withoutComments(english), 'the READMEs differ in their code');
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

function withoutComments(code) {
  return code.replaceAll(/ *\/\/ .*$/gm, '').trim();
}
