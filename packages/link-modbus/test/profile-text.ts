/** The head that profiles of tests have in common. */
export const HEAD = `schema: 1
profile: x
version: 1.0.0
kind: meter
vendor: Nobody
models: [X]
verified: lab
sources: [{ title: nobody's document }]
requirements: []
caveats: []
`;
