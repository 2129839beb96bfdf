import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gql } from '@apollo/client/core/index.js'
import { newClient, show } from './client.js'

const conflict = gql`{
  ok: getProgram(id: "detective-arthur") { id title }
  p: getProgram(id: "a-forest-for-ren") { id one: groups(limit: 1) { items { id } } two: groups(limit: 2) { items { id } } }
}`

test('a field that fails is null, its error has a type, and the others stand', async () => {
  const { client } = newClient()
  const { data, errors } = await client.query({ query: conflict, errorPolicy: 'all' })
  assert.deepEqual(data, { ok: { __typename: 'Program', id: 'detective-arthur', title: 'Detective Arthur' }, p: null })
  assert.equal(errors.length, 1)
  const { message, locations, ...rest } = errors[0]
  assert.deepEqual(rest, { path: ['p'], data: null, errorType: 'AliasConflict', errorInfo: null })
  assert.match(message, /^one and two ask for the field groups with different arguments/)
  assert.deepEqual(locations, [{ line: 7, column: 3, sourceName: null }]) // of the text that the client sends
})

test('a token that is none fails, and leaves the pages that were read', async () => {
  const { client } = newClient()
  const query = gql`query ($nextToken: String) { listPrograms(limit: 2, nextToken: $nextToken) { items { id } nextToken } }`
  const shown = await show(client, { query })
  await assert.rejects(shown.fetchMore({ variables: { nextToken: 'none' } }), ({ graphQLErrors }) => {
    assert.deepEqual(graphQLErrors.map((e) => [e.errorType, e.path]), [['BadNextToken', ['listPrograms']]])
    return true
  })
  assert.equal(client.readQuery({ query }).listPrograms.items.length, 2)
})

test('a query that breaks the schema is not executed', async () => {
  const { client } = newClient()
  const { data, errors } = await client.query({ query: gql`{ getProgram(id: "detective-arthur") { id tytle } }`, errorPolicy: 'all' })
  assert.equal(data, null)
  assert.deepEqual(errors.map((e) => [e.path, e.errorType]), [[null, undefined]])
  assert.match(errors[0].message, /^Validation error of type FieldUndefined: .*tytle/)
})
