// Converts the tools in a file, those of tools/list, as LangChain does for Gemini.
import { readFileSync } from 'node:fs';

import { DynamicStructuredTool } from '@langchain/core/tools';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';

const tools = JSON.parse(readFileSync(process.argv[2], 'utf8')).map(
  ({ name, description, inputSchema }) =>
    new DynamicStructuredTool({ name, description, schema: inputSchema, func: async () => '' }),
);
const model = new ChatGoogleGenerativeAI({ model: 'any', apiKey: 'none' });
const declarations = model.invocationParams({ tools }).tools.flatMap((tool) => tool.functionDeclarations);
console.log(JSON.stringify(declarations));
