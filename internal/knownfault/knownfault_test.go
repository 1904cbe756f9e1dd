package knownfault_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
)

// inner is set in the process of a test that may fail.
const inner = "KNOWNFAULT_INNER"

// outcome runs f in a separate process. It reports whether the test passed, and
// returns the output of the process.
func outcome(t *testing.T, faults []string, f func(t *knownfault.T)) (passed bool, output string) {
	t.Helper()
	return selected(t, "", faults, f)
}

// selected is like outcome for the subtests that match a pattern of go test -run.
func selected(t *testing.T, pattern string, faults []string, f func(t *knownfault.T)) (passed bool, output string) {
	t.Helper()
	if os.Getenv(inner) != "" {
		knownfault.Run(t, faults, f)
		t.SkipNow() // the assertions are for the outer process
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+regexp.QuoteMeta(t.Name())+"$"+pattern)
	cmd.Env = append(os.Environ(), inner+"=1")
	out, err := cmd.CombinedOutput()
	return err == nil, string(out)
}

func pass(*knownfault.T)   {}
func fail(t *knownfault.T) { t.Errorf("broken: %d", 17) }

func TestAListedLeafThatFailsPasses(t *testing.T) {
	passed, out := outcome(t, []string{"a/b c"}, func(t *knownfault.T) {
		t.Run("a", func(t *knownfault.T) {
			t.Run("b c", fail)
			t.Run("d", pass)
		})
	})
	assert.True(t, passed, out)
	assert.Contains(t, out, "--- PASS: TestAListedLeafThatFailsPasses/a/b_c")
	assert.Contains(t, out, "broken: 17")
}

func TestAListedLeafThatPassesFails(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) { t.Run("a", pass) })
	assert.False(t, passed)
	assert.Contains(t, out, `the test "a" passes, so its fault is fixed: remove it from the list`)
}

func TestAListedLeafThatDoesNotRunFails(t *testing.T) {
	passed, out := outcome(t, []string{"b"}, func(t *knownfault.T) { t.Run("a", pass) })
	assert.False(t, passed)
	assert.Contains(t, out, `ran under the name "b": remove the name from the list`)
}

func TestAListedLeafThatIsSkippedFails(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) {
		t.Run("a", func(t *knownfault.T) { t.Skipf("no %s", "network") })
	})
	assert.False(t, passed)
	assert.Contains(t, out, "no network")
	assert.Contains(t, out, `ran under the name "a": remove the name from the list`)
}

func TestAListedGroupFails(t *testing.T) {
	passed, out := outcome(t, []string{"a", "a/b"}, func(t *knownfault.T) {
		t.Run("a", func(t *knownfault.T) { t.Run("b", fail) })
	})
	assert.False(t, passed)
	assert.Contains(t, out, `ran under the name "a": remove the name from the list`)
	assert.NotContains(t, out, `ran under the name "a/b"`)
}

func TestAnUnlistedLeafThatFailsFailsWithItsMessages(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) {
		t.Run("a", fail)
		t.Run("b", func(t *knownfault.T) {
			t.Log("before", "that")
			fail(t)
		})
	})
	assert.False(t, passed)
	assert.Contains(t, out, "--- PASS: TestAnUnlistedLeafThatFailsFailsWithItsMessages/a")
	assert.Contains(t, out, "--- FAIL: TestAnUnlistedLeafThatFailsFailsWithItsMessages/b")
	assert.Contains(t, out, "knownfault_test.go")
	assert.Contains(t, out, "before that")
	assert.Contains(t, out, "broken: 17")
}

func TestATestWithoutSubtestsIsTheLeafWithoutAName(t *testing.T) {
	passed, out := outcome(t, []string{""}, fail)
	assert.True(t, passed, out)
}

func TestATestWithoutSubtestsThatPassesFails(t *testing.T) {
	passed, out := outcome(t, []string{""}, pass)
	assert.False(t, passed)
	assert.Contains(t, out, "the test passes, so its fault is fixed")
}

func TestATestWithoutSubtestsThatIsSkippedFails(t *testing.T) {
	passed, _ := outcome(t, []string{""}, func(t *knownfault.T) { t.Skip("not today") })
	assert.False(t, passed)
}

func TestFailNowEndsOnlyItsLeaf(t *testing.T) {
	passed, out := outcome(t, []string{"a", "b"}, func(t *knownfault.T) {
		t.Run("a", func(t *knownfault.T) {
			t.FailNow()
			t.Log("continued after FailNow")
		})
		t.Run("b", func(t *knownfault.T) {
			require.Equal(t, 1, 2, "testify ends it")
			t.Log("continued after FailNow")
		})
		t.Run("c", func(t *knownfault.T) { t.Log("the next one runs") })
	})
	assert.True(t, passed, out)
	assert.NotContains(t, out, "continued after FailNow")
	assert.Contains(t, out, "testify ends it")
	assert.Contains(t, out, "the next one runs")
}

func TestAPanicIsAFailure(t *testing.T) {
	crash := func(*knownfault.T) { panic("out of range") }
	passed, out := outcome(t, []string{"listed"}, func(t *knownfault.T) {
		t.Run("listed", crash)
		t.Run("unlisted", crash)
		t.Run("next", func(t *knownfault.T) { t.Log("the next one runs") })
	})
	assert.False(t, passed)
	assert.Contains(t, out, "--- PASS: TestAPanicIsAFailure/listed")
	assert.Contains(t, out, "--- FAIL: TestAPanicIsAFailure/unlisted")
	assert.Contains(t, out, "panic: out of range")
	assert.Contains(t, out, "the next one runs")
}

func TestGoexitIsAFailure(t *testing.T) {
	passed, out := outcome(t, nil, func(*knownfault.T) { runtime.Goexit() })
	assert.False(t, passed)
	assert.Contains(t, out, "runtime.Goexit")
}

func TestAFailureBesideTheSubtestsFails(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) {
		t.Run("a", fail)
		t.Fatal("the preparation has failed")
	})
	assert.False(t, passed)
	assert.Contains(t, out, "the preparation has failed")
}

func TestTwoLeavesWithTheSameNameFail(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) {
		t.Run("a", fail)
		t.Run("a", pass)
	})
	assert.False(t, passed)
	assert.Contains(t, out, `two tests are named "a"`)
}

func TestANameThatIsListedTwiceFails(t *testing.T) {
	passed, _ := outcome(t, []string{"a", "a"}, func(t *knownfault.T) { t.Run("a", fail) })
	assert.False(t, passed)
}

func TestLeavesThatAreNotSelectedAreNotMissed(t *testing.T) {
	passed, out := selected(t, "/^b$", []string{"a/x", "b"}, func(t *knownfault.T) {
		t.Run("a", func(t *knownfault.T) { t.Run("x", fail) })
		t.Run("b", fail)
	})
	assert.True(t, passed, out)
	assert.Contains(t, out, "/b")
	assert.NotContains(t, out, "/a")
}

func TestCleanupsRunAndCanFail(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) {
		t.Run("a", func(t *knownfault.T) {
			ctx := t.Context()
			t.Cleanup(func() { t.Log("runs after a failure") })
			t.Cleanup(func() {
				t.Logf("context: %v", ctx.Err())
				t.Fatal("the cleanup fails")
			})
		})
	})
	assert.True(t, passed, out)
	assert.Contains(t, out, "context: "+context.Canceled.Error())
	assert.Less(t, strings.Index(out, "the cleanup fails"), strings.Index(out, "runs after a failure"))
}

func TestATHasTheEnvironmentOfATest(t *testing.T) {
	knownfault.Run(t, nil, func(t *knownfault.T) {
		t.Setenv("KNOWNFAULT_TEST", "1")
		t.Run("a", func(t *knownfault.T) {
			assert.Equal(t, "TestATHasTheEnvironmentOfATest/a", t.Name())
			assert.DirExists(t, t.TempDir())
			assert.Equal(t, "1", os.Getenv("KNOWNFAULT_TEST"))
			assert.False(t, t.Failed())
			assert.NoError(t, t.Context().Err())
		})
	})
}

func TestTheResultOfASubtestIsItsOwn(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) {
		ok := t.Run("a", fail)
		t.Logf("run=%v failed=%v", ok, t.Failed())
	})
	assert.True(t, passed, out)
	assert.Contains(t, out, "run=false failed=true")
}

func TestTimeCanBeVirtual(t *testing.T) {
	begun := time.Now()
	passed, out := outcome(t, []string{"now", "later", "deadlock"}, func(t *knownfault.T) {
		t.Run("now", func(t *knownfault.T) {
			knownfault.Synctest(t, func(t *knownfault.T) {
				time.Sleep(time.Hour)
				t.Fatal("an hour has passed")
			})
			t.Log("continued after FailNow")
		})
		t.Run("later", func(t *knownfault.T) {
			knownfault.Synctest(t, func(t *knownfault.T) {
				go func() {
					time.Sleep(time.Second)
					t.Error("a goroutine fails")
				}()
				time.Sleep(2 * time.Second)
				synctest.Wait()
			})
		})
		t.Run("deadlock", func(t *knownfault.T) {
			knownfault.Synctest(t, func(*knownfault.T) { <-make(chan bool) })
		})
		t.Run("right", func(t *knownfault.T) {
			knownfault.Synctest(t, func(t *knownfault.T) {
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				<-ctx.Done()
				assert.Equal(t, time.Hour, time.Since(start))
			})
			t.Log("continues after the bubble")
		})
	})
	assert.True(t, passed, out)
	assert.Less(t, time.Since(begun), time.Minute)
	assert.Contains(t, out, "an hour has passed")
	assert.NotContains(t, out, "continued after FailNow")
	assert.Contains(t, out, "continues after the bubble")
}

func TestAnUnlistedFailureInVirtualTimeFails(t *testing.T) {
	passed, out := outcome(t, nil, func(t *knownfault.T) {
		t.Run("a", func(t *knownfault.T) { knownfault.Synctest(t, fail) })
	})
	assert.False(t, passed)
	assert.Contains(t, out, "broken: 17")
}

func TestALateFailureIsNotLost(t *testing.T) {
	passed, out := outcome(t, []string{"a"}, func(t *knownfault.T) {
		late, done := make(chan bool), make(chan bool)
		t.Run("a", func(t *knownfault.T) {
			go func() {
				defer close(done)
				defer func() { _ = recover() }() // package testing panics for a test that has ended
				<-late
				t.Error("too late")
			}()
			t.Fail()
		})
		close(late)
		<-done
	})
	assert.False(t, passed, out)
}

func TestOnlyTestsImportThePackage(t *testing.T) {
	const module = "github.com/penstock-sdk/penstock/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.ImportPath}}: {{.Imports}}", module+"...").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), module+"connector: ")
	for line := range strings.Lines(string(out)) {
		assert.NotContains(t, strings.Trim(line[strings.Index(line, ":"):], " :[]\n"), module+"internal/knownfault")
	}
}
