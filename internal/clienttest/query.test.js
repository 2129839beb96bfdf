import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gql } from '@apollo/client/core/index.js'
import { newClient, plain } from './client.js'

const catalog = gql`
  query Catalog($genre: Genre!, $programs: Int, $episodes: Int = 2, $japanese: Boolean!) {
    shelf: programsByGenre(genre: $genre, limit: $programs, sortDirection: DESC) {
      programs: items {
        ...Card
        seasons: groups(limit: 20, filter: { kind: { eq: SEASON } }) {
          list: items {
            id
            name: title
            ... on EpisodeGroup {
              first: startsOn
              parts: episodes(limit: $episodes) {
                list: items {
                  ...Line
                  season: group {
                    id
                    show: program { id name: title }
                  }
                }
                next: nextToken
              }
            }
          }
          next: nextToken
        }
      }
      next: nextToken
    }
    again: getProgram(id: "detective-arthur") { ...Card ...Contents }
  }
  fragment Card on Program {
    id
    name: title
    japanese: titleJa @include(if: $japanese)
    team: cast { who: name as: role }
    picture: poster { ...Size url }
  }
  fragment Contents on Program { all: groups { list: items { id no: number } } }
  fragment Size on Image { w: width h: height }
  fragment Line on Episode { id name: title seconds: duration videos { address: url } }
`

const fields = 'id title titleJa cast { name role } poster { url width height }'

const withoutAliases = `{
  programsByGenre(genre: MYSTERY, limit: 3, sortDirection: DESC) {
    items {
      ${fields}
      groups(limit: 20, filter: { kind: { eq: SEASON } }) {
        items { id title startsOn episodes(limit: 2) { items { id title duration videos { url } group { id program { id title } } } nextToken } }
        nextToken
      }
    }
    nextToken
  }
  getProgram(id: "detective-arthur") { ${fields} groups { items { id number } } }
}`

const connection = (model, members) => ({ __typename: `Model${model}Connection`, ...members })

const card = (p) => ({
  __typename: 'Program',
  id: p.id,
  name: p.title,
  japanese: p.titleJa,
  team: p.cast.map((c) => ({ __typename: 'Credit', who: c.name, as: c.role })),
  picture: { __typename: 'Image', url: p.poster.url, w: p.poster.width, h: p.poster.height },
})

const season = (g) => ({
  __typename: 'EpisodeGroup',
  id: g.id,
  name: g.title,
  first: g.startsOn,
  parts: connection('Episode', { list: g.episodes.items.map(line), next: g.episodes.nextToken }),
})

const line = (e) => ({
  __typename: 'Episode',
  id: e.id,
  name: e.title,
  seconds: e.duration,
  videos: e.videos.map((v) => ({ __typename: 'Video', address: v.url })),
  season: { __typename: 'EpisodeGroup', id: e.group.id, show: { __typename: 'Program', id: e.group.program.id, name: e.group.program.title } },
})

test('a page of the front end: nested, with aliases, fragments, variables and __typename', async () => {
  const { programsByGenre: shelf, getProgram: arthur } = await plain(withoutAliases)
  assert.equal(arthur.titleJa, '刑事アーサー')
  assert.equal(shelf.items.length, 3)
  const seasons = (p) => connection('EpisodeGroup', { list: p.groups.items.map(season), next: p.groups.nextToken })
  const all = connection('EpisodeGroup', { list: arthur.groups.items.map((g) => ({ __typename: 'EpisodeGroup', id: g.id, no: g.number })) })
  const want = {
    shelf: connection('Program', { programs: shelf.items.map((p) => ({ ...card(p), seasons: seasons(p) })), next: shelf.nextToken }),
    again: { ...card(arthur), all },
  }

  const { client, requests } = newClient()
  const { data } = await client.query({ query: catalog, variables: { genre: 'MYSTERY', programs: 3, japanese: true } })
  assert.deepEqual(data, want)
  assert.equal(requests.length, 1)
  assert.match(requests[0].query, /__typename/) // the client asks for it by itself
})
