package catalog

import (
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// indexBuilder gathers the lines of a model's index sections while its entities are written.
type indexBuilder struct {
	model   *schema.Model
	indexes []*schema.Index
	sorters []*sorter
}

func (b *builder) indexes(m *schema.Model) *indexBuilder {
	i := &indexBuilder{model: m, indexes: indexSections(m)}
	for range i.indexes {
		i.sorters = append(i.sorters, newSorter(b.options.Memory/(2*len(i.indexes)), b.options.TempDir))
	}
	return i
}

// add adds an entity that was written into a block.
func (i *indexBuilder) add(e *entityReader, block chunker.BlockID) error {
	primary, err := entityKey(i.model, i.model.Key, e.value)
	if err != nil {
		return err
	}
	for n, ix := range i.indexes {
		l, ok, err := newIndexLine(i.model, ix, primary, e.value, block)
		if err != nil {
			return err
		}
		if ok {
			// The primary key orders lines with the same key, and brings together two records that have the same one.
			if err := i.sorters[n].add(l.key+primary, l.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes the sections. Records with equal primary keys that stand apart in the section of entities are found here.
func (i *indexBuilder) write(w *chunker.Writer) error {
	for n, ix := range i.indexes {
		if err := w.Index(indexName(i.model, ix), i.model.Name, ix.Name); err != nil {
			return err
		}
		last := ""
		if err := i.sorters[n].each(func(key string, value []byte) error {
			own, primary := splitLineKey(i.model, ix, key)
			if ix == i.model.Key && key == last {
				return &DuplicateError{Model: i.model.Name, Key: readable(i.model.Key, primary)}
			}
			last = key
			_, err := w.Add(own, value)
			return err
		}); err != nil {
			return err
		}
		i.sorters[n].close()
	}
	return nil
}

func (i *indexBuilder) close() {
	for _, s := range i.sorters {
		s.close()
	}
}
