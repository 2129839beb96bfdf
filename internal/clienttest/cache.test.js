import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gql } from '@apollo/client/core/index.js'
import { ids, newClient, plain, show } from './client.js'

const byProgram = gql`{ episodesByProgram(programId: "detective-arthur", limit: 200) { items { id title program { id title } } nextToken } }`
const nested = gql`{
  getProgram(id: "detective-arthur") { id titleJa groups { items { id part: episodes(limit: 50) { items { id duration } } } } }
}`

test('the same query, and one with other aliases, are answered from the cache', async () => {
  const { client, requests } = newClient()
  const first = await client.query({ query: byProgram })
  assert.deepEqual((await client.query({ query: byProgram })).data, first.data)
  const aliases = gql`{ all: episodesByProgram(programId: "detective-arthur", limit: 200) { list: items { name: title id } } }`
  const { data } = await client.query({ query: aliases })
  assert.deepEqual(data.all.list.map((e) => e.name), first.data.episodesByProgram.items.map((e) => e.title))
  assert.equal(requests.length, 1)
})

test('an entity that two queries read is one record', async () => {
  const { client, requests } = newClient()
  const list = (await client.query({ query: byProgram })).data.episodesByProgram
  const tree = (await client.query({ query: nested })).data.getProgram
  assert.equal(requests.length, 2)
  assert.deepEqual(tree.groups.items.flatMap((g) => ids(g.part)).sort(), ids(list).sort())

  const records = client.cache.extract()
  assert.deepEqual(Object.keys(records).filter((key) => key.startsWith('Episode:')).sort(), ids(list).map((id) => 'Episode:' + id).sort())
  const { title, titleJa } = records['Program:detective-arthur']
  assert.deepEqual({ title, titleJa }, { title: 'Detective Arthur', titleJa: '刑事アーサー' })
})

test('a record answers a query of its own with what two others brought', async () => {
  const { client, requests } = newClient()
  const { id } = (await client.query({ query: byProgram })).data.episodesByProgram.items[0]
  await client.query({ query: nested })
  const want = (await plain(`{ getEpisode(id: "${id}") { __typename id title duration } }`)).getEpisode
  const { data } = await client.query({ query: gql`query ($id: ID!) { getEpisode(id: $id) { id title duration } }`, variables: { id } })
  assert.deepEqual(data.getEpisode, want)
  assert.equal(requests.length, 2)

  // What is not known is asked for.
  const more = await client.query({ query: gql`query ($id: ID!) { getEpisode(id: $id) { id number } }`, variables: { id } })
  assert.equal(typeof more.data.getEpisode.number, 'number')
  assert.equal(requests.length, 3)
})

test('a query that is shown changes with what another one brings', async () => {
  const { client } = newClient()
  const shown = await show(client, { query: byProgram })
  const first = () => shown.getCurrentResult().data.episodesByProgram.items[0]
  const { id, title } = first()
  client.cache.modify({ id: 'Episode:' + id, fields: { title: () => 'of yesterday' } })
  assert.equal(first().title, 'of yesterday')

  const query = gql`query ($id: ID!) { fresh: getEpisode(id: $id) { id title } }`
  await client.query({ query, variables: { id }, fetchPolicy: 'network-only' })
  assert.equal(first().title, title)
})
