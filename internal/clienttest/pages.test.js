import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gql } from '@apollo/client/core/index.js'
import { ids, newClient, plain, show } from './client.js'

// readAll shows a query and asks for more until page finds no token in its data. It is the data in the end.
async function readAll(client, query, variables, page) {
  const shown = await show(client, { query, variables })
  let { data } = shown.getCurrentResult()
  for (let token = page(data).nextToken; token; ) {
    const more = await shown.fetchMore({ variables: { ...variables, nextToken: token } })
    token = page(more.data).nextToken
    data = shown.getCurrentResult().data
    assert.equal(page(data).nextToken, token)
  }
  return data
}

const pageOfEpisodes = gql`query ($limit: Int, $nextToken: String) { listEpisodes(limit: $limit, nextToken: $nextToken) { items { id title } nextToken } }`

test('a list is read page by page to its end: every entity once', async () => {
  const { client, requests } = newClient()
  const data = await readAll(client, pageOfEpisodes, { limit: 999 }, (d) => d.listEpisodes)
  const want = ids((await plain('{ listEpisodes(limit: 100000) { items { id } } }')).listEpisodes)
  assert.deepEqual(ids(data.listEpisodes), want)
  assert.equal(new Set(want).size, want.length)
  assert.equal(requests.length, Math.ceil(want.length / 999))

  // The page's size is no part of what the cache knows the list by.
  const all = await client.query({ query: pageOfEpisodes, variables: { limit: 50 } })
  assert.equal(all.data.listEpisodes.items.length, want.length)
  assert.equal(requests.length, Math.ceil(want.length / 999))
})

test('pages of an index, in either direction, with a key condition', async () => {
  const { client } = newClient()
  const query = gql`query ($direction: ModelSortDirection, $nextToken: String) {
    newest: episodesByProgram(programId: "detective-arthur", airedOn: { ge: "2021" }, sortDirection: $direction, limit: 7, nextToken: $nextToken) { items { id airedOn } nextToken }
  }`
  const up = ids((await readAll(client, query, { direction: 'ASC' }, (d) => d.newest)).newest)
  const down = ids((await readAll(client, query, { direction: 'DESC' }, (d) => d.newest)).newest)
  const want = (await plain('{ episodesByProgram(programId: "detective-arthur", limit: 1000) { items { id airedOn } } }')).episodesByProgram
  const since = want.items.filter((e) => e.airedOn >= '2021').map((e) => e.id)
  assert.ok(since.length > 14 && since.length < want.items.length)
  assert.deepEqual(up, since)
  assert.deepEqual(down, since.toReversed())
})

test('a filter leaves pages short or empty, and the list whole', async () => {
  const { client, requests } = newClient()
  const query = gql`query ($nextToken: String) {
    listEpisodeGroups(filter: { kind: { eq: COLLECTION } }, limit: 20, nextToken: $nextToken) { items { id kind } nextToken }
  }`
  const data = await readAll(client, query, {}, (d) => d.listEpisodeGroups)
  const all = (await plain('{ listEpisodeGroups(limit: 1000) { items { id kind } } }')).listEpisodeGroups.items
  assert.deepEqual(ids(data.listEpisodeGroups), all.filter((g) => g.kind === 'COLLECTION').map((g) => g.id))
  assert.equal(requests.length, Math.ceil(all.length / 20))
})

test('a nested list is continued within its entity', async () => {
  const { client, requests } = newClient()
  const query = gql`query ($nextToken: String) {
    arthur: getProgram(id: "detective-arthur") {
      id
      page: groups(limit: 4, nextToken: $nextToken) { items { id episodes(limit: 1) { items { id } nextToken } } nextToken }
    }
  }`
  const data = await readAll(client, query, {}, (d) => d.arthur.page)
  const want = (await plain('{ getProgram(id: "detective-arthur") { groups { items { id } } } }')).getProgram.groups
  assert.deepEqual(ids(data.arthur.page), ids(want))
  assert.equal(requests.length, 2)

  // The list is the entity's: another query finds it there.
  const again = await client.query({ query: gql`{ getProgram(id: "detective-arthur") { id groups(limit: 50) { items { id } } } }` })
  assert.deepEqual(ids(again.data.getProgram.groups), ids(want))
  assert.equal(requests.length, 2)
})
