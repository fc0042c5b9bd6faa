// Loaded before the sample program of Node: what it prints comes as JSON, and
// not shortened for people.

const print = console.log
console.log = (label, data) => print(JSON.stringify(data))
console.warn = (label, response) => print(JSON.stringify(response.data))
