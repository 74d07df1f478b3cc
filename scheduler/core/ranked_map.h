#ifndef DARKROOM_SCHEDULER_CORE_RANKED_MAP_H_
#define DARKROOM_SCHEDULER_CORE_RANKED_MAP_H_

#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <functional>

namespace darkroom::scheduler {

// An ordered map that also tells how many keys are less than one, `order_of_key`, in O(log n): a
// red-black tree with the sizes of its subtrees, out of libstdc++'s policy-based data structures.
template <class Key, class Value>
using RankedMap = __gnu_pbds::tree<Key, Value, std::less<Key>, __gnu_pbds::rb_tree_tag,
                                   __gnu_pbds::tree_order_statistics_node_update>;

template <class Key>
using RankedSet = RankedMap<Key, __gnu_pbds::null_type>;

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_RANKED_MAP_H_
