public import Freshness
public import Providers

extension FanartFeed: PictureFeed {}
