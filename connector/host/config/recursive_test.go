package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

type (
	list       []list
	dictionary map[string]dictionary
	pair       [2]*pair
	listOfMaps []mapOfLists
	mapOfLists map[string]listOfMaps
	manyLists  []*manyLists
	pointer    *[]pointer
	branch     struct{ Branches []branch }
	leaf       struct{ Trees map[string]*trunk }
	trunk      struct{ leaf }
)

type embedsList struct {
	source
	list
}

func TestTypesThatContainThemselvesAreRejectedByFieldName(t *testing.T) {
	for _, test := range []struct {
		c      connector.Connector
		goName string
	}{
		{&wrong[list]{}, ".Field"},
		{&wrong[dictionary]{}, ".Field"},
		{&wrong[pair]{}, ".Field"},
		{&wrong[listOfMaps]{}, ".Field"},
		{&wrong[mapOfLists]{}, ".Field"},
		{&wrong[manyLists]{}, ".Field"},
		{&wrong[pointer]{}, ".Field"},
		{&wrong[**list]{}, ".Field"},
		{&wrong[[]map[string]list]{}, ".Field"},
		{&wrong[struct{ Inner list }]{}, ".Field.Inner"},
		{&wrong[*struct{ Inner *dictionary }]{}, ".Field.Inner"},
		{&wrong[branch]{}, ".Field.Branches"},
		{&wrong[trunk]{}, ".Field.Trees"},
		{&embedsList{list: nil}, "test.embedsList.list"},
	} {
		_, err := config.FormOf(test.c)
		require.Error(t, err, "%T", test.c)
		assert.Equal(t, connector.Defect, connector.KindOf(err), "%T", test.c)
		assert.Contains(t, err.Error(), test.goName+": a configuration can't contain itself: tag the field `json:\"-\"`", "%T", test.c)
	}
}

func TestATypeMayOccurSeveralTimes(t *testing.T) {
	type twice struct {
		source
		A, B [][]string
		C    map[string][]string
		D    []struct{ E [][]string }
	}
	got, err := decode(t, &twice{}, `{"A":[["a"]],"B":[["b"]],"C":{"c":["d"]},"D":[{"E":[["e"]]}]}`)
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"e"}}, got.(*twice).D[0].E)
}
