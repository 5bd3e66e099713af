package operate

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// verifyObjects compares the declared objects with those of the cluster.
func (v *verifier) verifyObjects(ctx context.Context, state *diagnosis.State) (diagnosis.Result, error) {
	state.Live = make([]diagnosis.Live, len(v.declared))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, declared := range v.declared {
		mapping, live := v.mappings[declared], &state.Live[i]
		if mapping == nil {
			live.Unknown = true
			continue
		}
		group.Go(func() (err error) {
			live.Object, err = v.resource(mapping, declared.GetNamespace()).Get(ctx, declared.GetName(), metav1.GetOptions{})
			switch {
			case apierrors.IsNotFound(err):
				live.Object = nil
				return nil
			case err != nil && isDenied(err):
				live.Unreadable = true
				v.note(fmt.Sprintf("you may not read %s: they are not compared with the manifests", mapping.Resource.Resource))
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return diagnosis.Result{}, err
	}
	return diagnosis.Objects(state), nil
}
