// Arguments for a tool that the driver does not know: what its schema requires, and no more.

/** @param tools all that are listed, because an argument that takes any object is given the first one's schema */
export function argumentsFor(schema, tools) {
  let number = 2;
  const value = ({ type, enum: choices } = {}) => {
    if (choices?.length) return choices[0];
    switch (Array.isArray(type) ? type[0] : type) {
      case 'integer':
      case 'number':
        return number++;
      case 'boolean':
        return true;
      case 'array':
        return [];
      case 'object':
        return tools[0].inputSchema;
      case 'null':
        return null;
      default:
        return 'x';
    }
  };
  return Object.fromEntries((schema?.required ?? []).map((name) => [name, value(schema.properties?.[name])]));
}
